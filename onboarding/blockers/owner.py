"""The cause when no team owns a repository."""

from catalog import ownership
from catalog.models import Repository, Team
from engine.models import Move
from onboarding.blockers.causes import Cause, Check, Facts, register


def _check_owner(facts: Facts) -> Check:
    team = ownership.owner_at_source(str(facts["repository"]))
    if team is None:
        return Check(False, f"Still no team has write access to {facts['repository']} or is named in its CODEOWNERS.")
    return Check(True, f"{team.name} owns {facts['repository']} now.")


UNOWNED = register("no-owning-team", title="A repository has no owning team", check=_check_owner)


def unowned(repository: Repository, team: Team | None) -> Cause:
    assumption = f" The plan assumes {team.name}, the team of the person who started it." if team else ""
    return Cause(
        kind=UNOWNED,
        object=repository.full_name,
        owner=Move.PLATFORM,
        summary=f"No team owns {repository.full_name}",
        explanation="Neither CODEOWNERS nor the repository's teams name a team that is responsible for it, so no team's "
        f"namespace can hold it.{assumption} Give a team write access to the repository at the source host, or name it in "
        "CODEOWNERS.",
        clears_when=f"A team of the organisation has write access to {repository.full_name} or is named in its CODEOWNERS.",
        facts={"repository": repository.full_name},
        team=team,
    )
