"""Causes in the repository: access, archive, branch rules, ownership."""

from catalog.models import Repository, Team
from engine.models import Move
from integrations.errors import Denied, IntegrationError, Missing
from integrations.secrets import redact
from integrations.source import source_reader
from onboarding.blockers.causes import Cause, Check, Facts, register
from onboarding.blockers.repository import current
from onboarding.models import Onboarding


def refusal(error: IntegrationError, onboarding: Onboarding) -> Cause:
    """The cause behind the source host's refusal, by its message."""
    repository, team = onboarding.repository, onboarding.team
    message = error.message.lower()
    if "archived" in message:
        return archived(repository, team)
    if "protected" in message or "rule" in message:
        return branch_protected(repository, team, str(onboarding.plan.content["branch"]), str(error))
    return access(repository, team, str(error))


def _check_access(facts: Facts) -> Check:
    try:
        repository = current(facts)
    except (Missing, Denied):
        return Check(False, "Onramp still cannot see the repository.")
    if not repository.writable:
        return Check(False, f"Onramp can see {repository.full_name} but still cannot write to it.")
    return Check(True, f"Onramp can write to {repository.full_name} now.")


ACCESS = register("source-access", title="Onramp cannot write to a repository", check=_check_access)


def access(repository: Repository, team: Team | None, message: str) -> Cause:
    return Cause(
        kind=ACCESS,
        object=repository.topic,
        owner=Move.PLATFORM,
        summary=f"Onramp cannot write to {repository.full_name}",
        explanation=f"{redact(message)}. Add Onramp's account to the repository with write access.",
        clears_when=f"Onramp's account can read {repository.full_name} and write to it.",
        facts={"repository": repository.pk},
        team=team,
    )


def gone(repository: Repository, team: Team | None) -> Cause:
    """Its host does not find it any more: hosts answer the same where something is hidden from us."""
    if repository.private:
        return access(
            repository,
            team,
            f"The source host no longer shows {repository.full_name} to Onramp. If it was deleted, cancel this run. If it "
            "was not, Onramp's account has lost its access",
        )
    return Cause(
        kind=GONE,
        object=repository.topic,
        owner=Move.TEAM,
        summary=f"{repository.full_name} is gone",
        explanation="It was deleted, or made private, which hides it from Onramp. If it was deleted, cancel this run. If it was "
        "made private, add Onramp's account to it with write access.",
        clears_when=f"Onramp's account can see {repository.full_name} again.",
        facts={"repository": repository.pk},
        team=team,
    )


def _check_visible(facts: Facts) -> Check:
    try:
        repository = current(facts)
    except Missing:
        return Check(False, "The source host still does not show the repository.")
    return Check(True, f"Onramp can see {repository.full_name} again.")


GONE = register("repository-gone", title="A repository is gone", check=_check_visible)


def _check_webhooks(facts: Facts) -> Check:
    repository = current(facts)
    try:
        source_reader().hook(repository.full_name, str(facts["url"]))
    except (Missing, Denied):
        return Check(False, f"Onramp still cannot manage the webhooks of {repository.full_name}.")
    return Check(True, f"Onramp can manage the webhooks of {repository.full_name} now.")


WEBHOOKS = register("source-webhooks", title="Onramp cannot manage webhooks", check=_check_webhooks)


def webhooks(repository: Repository, team: Team | None, url: str, message: str) -> Cause:
    """Webhooks need more than the right to write."""
    return Cause(
        kind=WEBHOOKS,
        object=repository.topic,
        owner=Move.PLATFORM,
        summary=f"Onramp cannot manage the webhooks of {repository.full_name}",
        explanation=f"{redact(message)}. Onramp can write to the repository, but a webhook needs more: make Onramp's account an "
        "administrator of the repository, or give its App or token the right to manage webhooks.",
        clears_when=f"Onramp's account can list the webhooks of {repository.full_name}.",
        facts={"repository": repository.pk, "url": url},
        team=team,
    )


def _check_archived(facts: Facts) -> Check:
    repository = current(facts)
    if repository.archived:
        return Check(False, f"{repository.full_name} is still archived.")
    return Check(True, f"{repository.full_name} is no longer archived.")


ARCHIVED = register("repository-archived", title="A repository is archived", check=_check_archived)


def archived(repository: Repository, team: Team | None) -> Cause:
    return Cause(
        kind=ARCHIVED,
        object=repository.topic,
        owner=Move.TEAM,
        summary=f"{repository.full_name} is archived",
        explanation="An archived repository accepts no branches and no pull requests. Somebody with admin rights can "
        "unarchive it in the repository's settings. If it should stay archived, cancel this run.",
        clears_when=f"{repository.full_name} is no longer archived.",
        facts={"repository": repository.pk},
        team=team,
    )


def _check_branch_protected(facts: Facts) -> Check:
    if source_reader().may_create(current(facts).full_name, str(facts["branch"])):
        return Check(True, f"Onramp can create the branch {facts['branch']} now.")
    return Check(False, f"A rule still prevents Onramp from creating {facts['branch']}.")


BRANCH_PROTECTED = register("branch-protected", title="A rule forbids a branch", check=_check_branch_protected)


def branch_protected(repository: Repository, team: Team | None, branch: str, message: str) -> Cause:
    return Cause(
        kind=BRANCH_PROTECTED,
        object=f"{repository.topic}:{branch}",
        owner=Move.TEAM,
        summary=f"A rule of {repository.full_name} prevents Onramp from creating the branch {branch}",
        explanation=f"{redact(message)}. Somebody with admin rights can exempt branches that begin with onramp/ from the rule.",
        clears_when=f"No rule prevents Onramp from creating {branch}.",
        facts={"repository": repository.pk, "branch": branch},
        team=team,
    )


def _check_branch_taken(facts: Facts) -> Check:
    if source_reader().branch_commit(current(facts).full_name, str(facts["branch"])) is None:
        return Check(True, f"The branch {facts['branch']} is gone.")
    return Check(False, f"The branch {facts['branch']} still exists.")


BRANCH_TAKEN = register("branch-taken", title="A branch name is taken", check=_check_branch_taken)


def branch_taken(repository: Repository, team: Team | None, branch: str, wanted: str) -> Cause:
    """`branch` is in the way of `wanted`: it is the same, or what git would need as a folder."""
    summary = f"The branch {branch} already exists with different content"
    explanation = "Onramp does not overwrite what somebody pushed. Delete or rename the branch, and the run resumes."
    if branch != wanted:
        summary = f"The branch {branch} prevents the branch {wanted}"
        explanation = (
            f"Git cannot store branches below {branch}/ while there is a branch {branch}. Delete or rename it."
        )
    return Cause(
        kind=BRANCH_TAKEN,
        object=f"{repository.topic}:{branch}",
        owner=Move.TEAM,
        summary=summary,
        explanation=explanation,
        clears_when=f"There is no branch {branch} in {repository.full_name}.",
        facts={"repository": repository.pk, "branch": branch},
        team=team,
    )
