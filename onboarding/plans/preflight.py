"""Before a plan: what a pasted address refers to, whether it can be read and written, and what already exists."""

from contextlib import suppress
from dataclasses import dataclass

from catalog import identity
from catalog.models import Person, Repository
from integrations import http
from integrations.errors import Denied, IntegrationError, Missing
from integrations.source import RepositoryFacts, source_reader
from integrations.source import address as addresses
from integrations.source.address import Address, InvalidAddress
from onboarding.models import Onboarding

CAN_WRITE = {"admin", "write"}
"""The permissions at the source host with which a person may start an onboarding."""


class RequestRejected(Exception):
    """Why a person's request cannot be served, as a sentence for them; `kind` is for machines."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True)
class RepositoryCheck:
    """A repository that a plan can be made for."""

    repository: Repository
    """The catalog's row, stored only with a plan: a rejected address leaves nothing behind."""
    facts: RepositoryFacts
    active: Onboarding | None
    """Only where the person can see it."""
    onboarded: bool


def hosts() -> list[str]:
    """The allow-list of web addresses."""
    return [source_reader().web_url]


def check_repository(person: Person, pasted: str) -> RepositoryCheck:
    """The repository that the pasted text refers to, checked on behalf of `person`. Raises RequestRejected; changes nothing
    outside."""
    try:
        address = addresses.parse(pasted, hosts())
    except InvalidAddress as error:
        raise RequestRejected("address", str(error)) from error
    with http.read_only():
        facts = _readable_by(person, address)
    if not facts.default_branch:
        message = f"{address.full_name} has no default branch. Push a first commit, then come back."
        raise RequestRejected("no-default-branch", message)
    repository = identity.find(address.host, facts)
    return RepositoryCheck(repository, facts, _active(person, repository), _onboarded(repository))


def _readable_by(person: Person, address: Address) -> RepositoryFacts:
    """The facts of a repository that the person may write to. Raises RequestRejected."""
    name = address.full_name
    hidden = RequestRejected(
        "no-access",
        f"There is no repository {name}, or you or Onramp cannot see it. Check the spelling; if it is private, give "
        "Onramp's account access to it.",
    )
    try:
        facts, permission = _ask(name, person.username)
    except (Missing, Denied) as error:
        if isinstance(error, Denied) and error.credentials:
            message = (
                "The source host refuses Onramp's own credentials at the moment; the platform team must renew them."
            )
            raise RequestRejected("credentials", message) from error
        raise hidden from error
    except IntegrationError as error:
        message = f"The source host does not answer right now ({error.message}). Try again in a minute."
        raise RequestRejected("source-down", message) from error
    if permission not in CAN_WRITE:
        if facts.private and permission == "none":
            raise hidden
        message = (
            f"You can read {name} but not write to it. Onboarding opens a pull request in your name: ask the repository's "
            "owners for write access."
        )
        raise RequestRejected("no-right", message)
    return facts


def _ask(name: str, login: str) -> tuple[RepositoryFacts, str]:
    """The same two requests for a repository that is hidden as for one that is not there: time does not tell them apart."""
    try:
        facts = source_reader().repository(name)
    except (Missing, Denied):
        with suppress(Missing, Denied):
            source_reader().permission(name, login)
        raise
    return facts, source_reader().permission(facts.full_name, login)


def _active(person: Person, repository: Repository) -> Onboarding | None:
    if not repository.pk:
        return None
    return Onboarding.objects.visible_to(person).filter(active=True, repository=repository.pk).first()


def _onboarded(repository: Repository) -> bool:
    if not repository.pk:
        return False
    return repository.applications.filter(onboarded_at__isnull=False, removed_at=None).exists()
