"""Who a signed-in account is: by the account's id at the source host, which never changes hands. Logins do."""

from allauth.socialaccount.models import SocialAccount

from catalog.models import ApiToken, Membership, Person
from events import log
from portal import sessions

FORMER = "@former-"
"""Part of the username of a person whose login another account has now. No login has an “@”."""
MAX_ACCOUNT = 40
"""Characters of an account's id. A person without one gets a text that no account has."""


def is_known(login: str, account: str) -> bool:
    """Whether the catalog has this account on any team: by its id, or by its login where a file named only that."""
    return Membership.objects.of_account(login, account).exists()


def identify(person: Person, login: str, account: str) -> None:
    """This account is the person's. Memberships that name only its login mean this account from here on."""
    person.account_id = account
    if person.pk:
        person.save(update_fields=["account_id"])
    Membership.objects.pin(login, account)


def rename(person: Person, login: str, account: str) -> None:
    """The account of this person has another login now, with the rights of that login and not those of the old one.

    Sessions and tokens end: they were given for the old rights.
    """
    if person.username == login:
        return
    before = person.username
    if before.lower() != login.lower():
        take_from_others(person, login, account)
        _end_access(person, before, account)
    if FORMER in before:  # it lost its name, not the right to sign in
        person.is_active = True
    person.username = login
    person.save(update_fields=["username", "is_active"])
    log.record("onramp.person.renamed", login, before=before)


def take_from_others(person: Person | None, login: str, account: str) -> Person | None:
    """Another account that had this login loses it, with its sessions and tokens.

    Returns the person who was known by name only, as an operator issued a token for them: this account is theirs.
    """
    holder = Person.objects.filter(username__iexact=login).first()
    if holder is None or holder == person:
        return None
    if person is None and holder.account_id in ("", account) and not _has_account(holder):
        return holder
    _dispossess(holder)
    return None


def _has_account(person: Person) -> bool:
    return bool(SocialAccount.objects.filter(user=person).exists())


def _dispossess(holder: Person) -> None:
    login, holder.username, holder.is_active = holder.username, f"{holder.username}{FORMER}{holder.pk}", False
    holder.save(update_fields=["username", "is_active"])
    _end_access(holder, login, holder.account_id or holder.username[-MAX_ACCOUNT:])
    log.record("onramp.person.dispossessed", login, former=holder.username)


def _end_access(person: Person, login: str, account: str) -> None:
    """A membership that names only the old login stays with this account: a file that still names the login restores nothing."""
    sessions.end_sessions_of(person)
    ApiToken.objects.filter(person=person).delete()
    Membership.objects.pin(login, account)
