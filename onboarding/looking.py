"""Before a plan: what an address means, whether it may be read and written, and what is there already."""

from dataclasses import dataclass

from catalog.models import Person, Repository
from integrations import http, providers
from integrations.errors import Denied, IntegrationError, Missing
from integrations.source import RepositoryFacts, SourceReader
from onboarding import address
from onboarding.address import Address, AddressRefused
from onboarding.models import Onboarding

MAY_WRITE = {"admin", "write"}


class Refused(Exception):
    """Why no plan can be made, as a sentence for the person who asked; `kind` is for machines."""

    def __init__(self, kind: str, says: str) -> None:
        super().__init__(says)
        self.kind = kind
        self.says = says


@dataclass(frozen=True)
class Look:
    """A repository that a plan can be made of."""

    address: Address
    facts: RepositoryFacts
    active: Onboarding | None
    onboarded: bool


def source() -> SourceReader:
    found: SourceReader = providers.provider("source")
    return found


def hosts() -> list[str]:
    """The allow-list of web addresses."""
    return [source().web_url]


def look(person: Person, pasted: str) -> Look:
    """What the pasted text means, read on behalf of `person`. Raises Refused; changes nothing outside."""
    try:
        found = address.parse(pasted, hosts())
    except AddressRefused as error:
        raise Refused("address", str(error)) from error
    with http.reading():
        return _look(person, found)


def _look(person: Person, found: Address) -> Look:
    name = found.full_name
    unseen = Refused(
        "no-access",
        f"There is no repository {name}, or you or Onramp may not see it. Check the spelling; if it is private, it has to be opened to Onramp's account.",
    )
    try:
        facts = source().repository(name)
        permission = source().permission(name, person.username)
    except (Missing, Denied) as error:
        if isinstance(error, Denied) and error.credentials:
            raise Refused(
                "credentials",
                "Onramp's own access to the source host is refused at the moment; the platform team has to renew it.",
            ) from error
        raise unseen from error
    except IntegrationError as error:
        raise Refused(
            "source-down", f"The source host does not answer right now ({error.message}). Try again in a minute."
        ) from error
    if permission not in MAY_WRITE:
        if facts.private and permission == "none":
            raise unseen
        raise Refused(
            "no-right",
            f"You may read {name} but not write to it. Onboarding opens a pull request in your name: ask its owners for the right to write.",
        )
    if not facts.default_branch:
        raise Refused("no-default-branch", f"{name} has no default branch. Push a first commit, then come back.")
    return Look(found, facts, _active(found), _onboarded(found))


def _active(found: Address) -> Onboarding | None:
    return Onboarding.objects.filter(
        active=True,
        repository__host=found.host,
        repository__owner__iexact=found.owner,
        repository__name__iexact=found.name,
    ).first()


def _onboarded(found: Address) -> bool:
    rows = Repository.objects.filter(host=found.host, owner__iexact=found.owner, name__iexact=found.name)
    return rows.filter(applications__onboarded_at__isnull=False, applications__removed_at=None).exists()
