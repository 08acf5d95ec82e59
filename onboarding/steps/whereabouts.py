"""The repository of a run wherever it is by now: renamed, transferred, deleted, or its name taken by another one."""

from catalog import identity
from engine.context import Work
from engine.outcomes import Declined, Outcome, Wait
from integrations.errors import Missing
from integrations.source import RepositoryFacts, source
from integrations.source.identity import AnotherRepository, another
from onboarding.blockers import lifecycle
from onboarding.blockers import source as causes
from onboarding.steps.subject import Subject


def settle(work: Work, subject: Subject, facts: RepositoryFacts) -> Outcome | None:
    """None where these are the facts of the run's repository, whose present name is stored then. A transferred one has other
    teams, another registry path and other rights, so its plan is void. Raises AnotherRepository."""
    repository = subject.repository
    if facts.id != repository.external_id:
        raise another(repository.full_name)
    if facts.full_name == repository.full_name:
        return None
    before, owner = repository.full_name, repository.owner_external_id
    with work.transaction():
        identity.store(identity.find(repository.host, facts))
    repository.refresh_from_db()
    if owner not in ("", facts.owner_id):
        return Declined(f"{before} was transferred and is {facts.full_name} now. Create a new plan for it there.")
    if before != facts.full_name:
        work.log(f"{before} was renamed to {facts.full_name}")
    return None


def search(work: Work, subject: Subject, error: Missing) -> Outcome | None:
    """After the host did not find something under the repository's name: look for the repository by its id. None where it is
    still there, so that something else is missing."""
    before = subject.name
    try:
        facts = source().repository_by_id(subject.repository.external_id)
    except Missing:
        if isinstance(error, AnotherRepository) or _is_taken(before):
            return Declined(
                f"{before} is another repository than the one this plan was made for, which is gone. Create a new plan."
            )
        return lifecycle.blocked(causes.gone(subject.repository, subject.team), detail=error.detail)
    if facts.full_name == before:
        return None
    return settle(work, subject, facts) or Wait(f"{before} was renamed to {facts.full_name}.", 0)


def _is_taken(name: str) -> bool:
    try:
        source().repository(name)
    except Missing:
        return False
    return True
