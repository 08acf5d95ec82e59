"""Causes that lie with the repository: access, archive, protection, ownership. See `causes` for what a cause is."""

from typing import Any

from catalog import ownership
from catalog.models import Repository, Team
from integrations import providers
from integrations.errors import Denied, IntegrationError, Missing
from integrations.secrets import redact
from integrations.source import RepositoryFacts, SourceReader
from onboarding.causes import Cause, Check, condition
from onboarding.models import Move, Onboarding


def reader() -> SourceReader:
    source: SourceReader = providers.provider("source")
    return source


def refusal(error: IntegrationError, onboarding: Onboarding) -> Cause:
    """What GitHub's "no" means, by looking at the repository once more."""
    repository, team = onboarding.repository, onboarding.team
    if "archived" in error.message.lower():
        return archived(repository, team)
    if "protected" in error.message.lower() or "rule" in error.message.lower():
        return branch_protected(repository, team, str(onboarding.plan.content["branch"]), str(error))
    return access(repository, team, str(error))


def access(repository: Repository, team: Team | None, says: str) -> Cause:
    return Cause(
        kind="source-access",
        object=repository.full_name,
        owner=Move.PLATFORM,
        summary=f"Onramp may not write to {repository.full_name}",
        explanation=f"{redact(says)}. Onramp's account needs to be added to the repository, with the right to write.",
        clears_when=f"Onramp's account can read {repository.full_name} and may write to it.",
        facts={"repository": repository.full_name},
        team=team,
    )


@condition("source-access")
def accessible(facts: dict[str, Any]) -> Check:
    found = _look(facts)
    if found is None:
        return Check(False, f"Onramp still cannot see {facts['repository']}.")
    if not found.writable:
        return Check(False, f"Onramp sees {facts['repository']} but may still not write to it.")
    return Check(True, f"Onramp may write to {facts['repository']} now.")


def archived(repository: Repository, team: Team | None) -> Cause:
    return Cause(
        kind="repository-archived",
        object=repository.full_name,
        owner=Move.TEAM,
        summary=f"{repository.full_name} is archived",
        explanation="An archived repository takes no branch and no pull request. Somebody with admin rights can unarchive it "
        "in the repository's settings; if it is meant to stay archived, cancel this run.",
        clears_when=f"{repository.full_name} is no longer archived.",
        facts={"repository": repository.full_name},
        team=team,
    )


@condition("repository-archived")
def unarchived(facts: dict[str, Any]) -> Check:
    found = _look(facts)
    if found is None or found.archived:
        return Check(False, f"{facts['repository']} is still archived.")
    return Check(True, f"{facts['repository']} is no longer archived.")


def branch_protected(repository: Repository, team: Team | None, branch: str, says: str) -> Cause:
    return Cause(
        kind="branch-protected",
        object=f"{repository.full_name}:{branch}",
        owner=Move.TEAM,
        summary=f"A rule of {repository.full_name} keeps Onramp from creating the branch {branch}",
        explanation=f"{redact(says)}. Somebody with admin rights can except branches that begin with onramp/ from the rule.",
        clears_when=f"No rule forbids Onramp to create {branch}.",
        facts={"repository": repository.full_name, "branch": branch},
        team=team,
    )


@condition("branch-protected")
def branch_free(facts: dict[str, Any]) -> Check:
    if reader().may_create(str(facts["repository"]), str(facts["branch"])):
        return Check(True, f"The branch {facts['branch']} may be created now.")
    return Check(False, f"A rule still keeps Onramp from creating {facts['branch']}.")


def branch_taken(repository: Repository, team: Team | None, branch: str) -> Cause:
    return Cause(
        kind="branch-taken",
        object=f"{repository.full_name}:{branch}",
        owner=Move.TEAM,
        summary=f"The branch {branch} exists already, with something else on it",
        explanation="Onramp does not overwrite what somebody pushed. Delete the branch (or rename it) and the run goes on.",
        clears_when=f"There is no branch {branch} in {repository.full_name}.",
        facts={"repository": repository.full_name, "branch": branch},
        team=team,
    )


@condition("branch-taken")
def branch_gone(facts: dict[str, Any]) -> Check:
    if reader().branch_commit(str(facts["repository"]), str(facts["branch"])) is None:
        return Check(True, f"The branch {facts['branch']} is gone.")
    return Check(False, f"The branch {facts['branch']} is still there.")


def unowned(repository: Repository, team: Team | None) -> Cause:
    assumed = f" The plan assumes {team.name}, the team of whoever started it." if team else ""
    return Cause(
        kind="no-owning-team",
        object=repository.full_name,
        owner=Move.PLATFORM,
        summary=f"No team owns {repository.full_name}",
        explanation="Neither CODEOWNERS nor the repository's teams name a team that answers for it, so nobody's namespace can "
        f"hold it.{assumed} Give a team write access to the repository at the source host, or name it in CODEOWNERS.",
        clears_when=f"A team of the organisation has write access to {repository.full_name} or stands in its CODEOWNERS.",
        facts={"repository": repository.full_name},
        team=team,
    )


@condition("no-owning-team")
def owned(facts: dict[str, Any]) -> Check:
    team = ownership.owner_at_source(str(facts["repository"]))
    if team is None:
        return Check(False, f"Still no team has write access to {facts['repository']} or stands in its CODEOWNERS.")
    return Check(True, f"{team.name} owns {facts['repository']} now.")


def _look(facts: dict[str, Any]) -> RepositoryFacts | None:
    try:
        return reader().repository(str(facts["repository"]))
    except (Missing, Denied):
        return None
