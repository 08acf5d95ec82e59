"""Who a signed-in account is: by the account's id at the source host, which never changes hands. Logins do."""

from allauth.socialaccount.models import SocialAccount

from catalog.models import ApiToken, Membership, Person
from events import log
from portal import sessions

FORMER = "@former-"
"""Part of the username of a person whose login another account has now. No login has an “@”."""


def is_known(login: str, account: str) -> bool:
    """Whether the catalog has this account on any team: by its id, or by its login where a file named only that."""
    return Membership.objects.filter(login=login, account_id__in=("", account)).exists()


def rename(person: Person, login: str, account: str) -> None:
    """The account of this person has another login now; with it come the rights of that login, and not those of the old one."""
    if person.username == login:
        return
    take_from_others(person, login, account)
    log.record("onramp.person.renamed", login, before=person.username)
    if FORMER in person.username:  # it lost its name, not the right to sign in
        person.is_active = True
    person.username = login
    person.save(update_fields=["username", "is_active"])


def take_from_others(person: Person | None, login: str, account: str) -> Person | None:
    """Another account that had this login loses it, with its sessions and tokens.

    Returns the person who was known by name only, as an operator issued a token for them: this account is theirs.
    """
    holder = Person.objects.filter(username=login).first()
    if holder is None or holder == person:
        return None
    if person is None and not SocialAccount.objects.filter(user=holder).exists():
        return holder
    _dispossess(holder, account)
    return None


def _dispossess(holder: Person, account: str) -> None:
    """Memberships that name only the login meant its former holder: the next import of the teams says whom they mean now."""
    login, holder.username, holder.is_active = holder.username, f"{holder.username}{FORMER}{holder.pk}", False
    holder.save(update_fields=["username", "is_active"])
    sessions.end_sessions_of(holder)
    ApiToken.objects.filter(person=holder).delete()
    Membership.objects.filter(login=login).exclude(account_id=account).delete()
    log.record("onramp.person.dispossessed", login, former=holder.username)
