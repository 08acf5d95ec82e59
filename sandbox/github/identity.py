"""The caller of a request: an account, or a running job that uses its own token."""

import base64
import binascii
from dataclasses import dataclass

from django.core import signing

from sandbox.github import access
from sandbox.github.models import JobToken, Repository
from sandbox.github.payloads import people
from sandbox.world import cast
from sandbox.world.cast import Person

SALT = "oauth"


@dataclass(frozen=True)
class Caller:
    """`person` is None for an anonymous caller."""

    person: Person | None = None
    job_token: JobToken | None = None

    @property
    def login(self) -> str:
        return self.person.login if self.person else ""

    def permission(self, repository: Repository, scope: str) -> str:
        """The caller's permission in the repository.

        A job token can write only to its own repository, within its permissions. It can read public repositories.
        """
        token = self.job_token
        if token is None:
            return access.permission(self.login or None, repository)
        if token.job.repository_id != repository.pk:
            return "none" if repository.private else "read"
        return "write" if token.allows(scope, "write") else "read"


def identify(token: str) -> Caller | None:
    """The owner of a token: one of the cast, the user of a signed-in application, or a running job."""
    account = cast.by_token(token) or _oauth_account(token)
    if account:
        return Caller(account)
    job_token = JobToken.objects.filter(token=token).select_related("job__repository").first()
    return Caller(people.ACTIONS_BOT, job_token) if job_token else None


def issue_token(login: str) -> str:
    """The token that an application receives for a user who signed in. It is signed, so no row is needed."""
    return f"gho_{signing.dumps(login, salt=SALT)}"


def _oauth_account(token: str) -> Person | None:
    try:
        return cast.person(signing.loads(token.removeprefix("gho_"), salt=SALT))
    except signing.BadSignature:
        return None


def token_from_header(header: str) -> str | None:
    """The token of an Authorization header: `token …`, `Bearer …` or the password of `Basic …`.

    None for an empty header, and an empty string for a malformed one.
    """
    kind, _, value = header.strip().partition(" ")
    if not kind:
        return None
    if kind.lower() != "basic":
        return value.strip()
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
