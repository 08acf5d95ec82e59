"""Who asks: an account, or a running job that acts with a token of its own."""

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
class Who:
    """Nobody, where there is no person."""

    person: Person | None = None
    job_token: JobToken | None = None

    @property
    def login(self) -> str:
        return self.person.login if self.person else ""

    def level(self, repository: Repository, scope: str) -> str:
        """What they may do there. A job's token is good for its own repository, for what its permissions name."""
        token = self.job_token
        if token is None:
            return access.permission(self.login or None, repository)
        if token.job.repository_id != repository.pk:
            return "none" if repository.private else "read"
        return "write" if token.may(scope, "write") else "read"


def identify(token: str) -> Who | None:
    """The owner of a token: of the cast, of a signed-in application, or a running job."""
    account = cast.by_token(token) or _signed_in(token)
    if account:
        return Who(account)
    job = JobToken.objects.filter(token=token).select_related("job__repository").first()
    return Who(people.ACTIONS_BOT, job) if job else None


def issue(login: str) -> str:
    """The token that an application gets for somebody who signed in; it is signed, so that no row is needed."""
    return f"gho_{signing.dumps(login, salt=SALT)}"


def _signed_in(token: str) -> Person | None:
    try:
        return cast.person(signing.loads(token.removeprefix("gho_"), salt=SALT))
    except signing.BadSignature:
        return None


def given_token(header: str) -> str | None:
    """The token of an Authorization header: `token …`, `Bearer …` or the password of `Basic …`; None without one."""
    kind, _, value = header.strip().partition(" ")
    if not kind:
        return None
    if kind.lower() != "basic":
        return value.strip()
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
