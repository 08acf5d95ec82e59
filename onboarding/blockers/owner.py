"""The cause when no team owns a repository."""

from catalog import ownership
from catalog.models import Repository, Team
from engine.models import Move
from onboarding.blockers.causes import Cause, Check, Facts, register


def _check_owner(facts: Facts) -> Check:
    repository = Repository.objects.get(pk=facts["repository"])
    team = ownership.owner(repository)
    if team is None:
        return Check(False, f"Still no team has write access to {repository}, and the catalog names none.")
    return Check(True, f"{team.name} owns {repository} now.")


UNOWNED = register("no-owning-team", title="A repository has no owning team", check=_check_owner)


def unowned(repository: Repository, team: Team | None) -> Cause:
    assumption = f" The plan assumes {team.name}, the team of the person who started it." if team else ""
    return Cause(
        kind=UNOWNED,
        object=str(repository.pk),
        owner=Move.PLATFORM,
        summary=f"No team owns {repository.full_name}",
        explanation=f"No team of {repository.owner} has write access to it and the catalog names no owner, so no team's "
        f"namespace can hold it.{assumption} Give a team write access to the repository at the source host, or name its owner "
        "in the catalog's file.",
        clears_when=f"A team of {repository.owner} has write access to {repository.full_name}, or the catalog names its owner.",
        facts={"repository": repository.pk},
        team=team,
    )
