"""What can go wrong with a provider, in five kinds that the engine tells apart.

A provider module turns every answer it does not want into one of these; nothing else leaves `integrations`.
"""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

UNSAID = 60.0
"""Seconds to leave a provider alone that limits us and does not say for how long; GitHub's advice."""

TITLES = {
    "github": "GitHub",
    "jira": "JIRA",
    "kubernetes": "The cluster",
    "elk": "Elasticsearch",
    "prometheus": "Prometheus",
    "slack": "Slack",
    "address": "The address",
}
"""How people call a provider, by its name."""


class IntegrationError(Exception):
    """A provider did not do what it was asked.

    `provider` is its name ("github"), `message` a sentence for people, `status` the HTTP status where there
    was one, `detail` the provider's own words (shown one click away, redacted before it is stored).
    """

    def __init__(self, provider: str, message: str, *, status: int | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.provider = provider
        self.message = message
        self.status = status
        self.detail = detail

    @property
    def refused(self) -> bool:
        """The provider clearly said no, so what it was asked to do was not done."""
        return self.status is None or 400 <= self.status < 500

    def __str__(self) -> str:
        title = TITLES.get(self.provider, self.provider)
        return f"{title}: {self.message}" + (f" (HTTP {self.status})" if self.status else "")


class Transient(IntegrationError):
    """It may go well later: no answer, 5xx, rate limit.

    `retry_after` is in seconds where the provider said so. `ambiguous` is true where the call may have had its
    effect although the answer was lost.
    """

    def __init__(
        self,
        provider: str,
        message: str,
        *,
        status: int | None = None,
        detail: str = "",
        retry_after: float | None = None,
        ambiguous: bool = True,
    ) -> None:
        super().__init__(provider, message, status=status, detail=detail)
        self.retry_after = retry_after
        self.ambiguous = ambiguous

    @property
    def refused(self) -> bool:
        return not self.ambiguous


class InLine(Transient):
    """Nothing went wrong, and nothing was asked: others are before this change. `retry_after` says when to come again."""

    def __init__(self, provider: str, message: str, *, retry_after: float) -> None:
        super().__init__(provider, message, ambiguous=False)
        self.retry_after: float = retry_after


class Denied(IntegrationError):
    """We may not. `credentials` is true where the credentials themselves are missing, wrong or expired (401)."""

    @property
    def credentials(self) -> bool:
        return self.status == 401


class Missing(IntegrationError):
    """It is not there, or we may not know that it is (404, 410)."""


class Conflict(IntegrationError):
    """Somebody else's state is in the way (409, 412)."""


class Invalid(IntegrationError):
    """The provider refused what we sent (400, 422), or answered something that we do not understand."""

    @property
    def refused(self) -> bool:
        """An answer that we do not understand may well have been a yes."""
        return self.status is not None and 400 <= self.status < 500


def from_status(
    provider: str, status: int, message: str, headers: Mapping[str, str], detail: str = ""
) -> IntegrationError:
    """The error for an HTTP answer of 400 or more. Rate limits follow RFC 6585 and GitHub's `x-ratelimit-*` headers."""
    wait = rate_limit(status, headers, f"{message} {detail}")
    if wait is not None:
        return Transient(
            provider, "Rate limit reached", status=status, detail=detail or message, retry_after=wait, ambiguous=False
        )
    if status >= 500 or status == 408:
        return Transient(provider, message, status=status, detail=detail, retry_after=_retry_after(_lower(headers)))
    kinds: dict[int, type[IntegrationError]] = {
        401: Denied,
        403: Denied,
        404: Missing,
        410: Missing,
        409: Conflict,
        412: Conflict,
    }
    return kinds.get(status, Invalid)(provider, message, status=status, detail=detail)


def rate_limit(status: int, headers: Mapping[str, str], said: str) -> float | None:
    """Seconds to wait where this answer is a rate limit's; None where it is none. RFC 6585, and GitHub's `x-ratelimit-*`.

    GitHub's secondary limits may say so in words alone, with neither header:
    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#rate-limit-errors
    """
    lower = _lower(headers)
    told = lower.get("x-ratelimit-remaining") == "0" or "retry-after" in lower or "rate limit" in said.lower()
    limited = status == 429 or (status == 403 and told)
    if not limited:
        return None
    wait = _retry_after(lower)
    return UNSAID if wait is None else wait


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    said = headers.get("retry-after")
    if said and said.isdigit():
        return float(said)
    if said:
        then = _moment(said)
        return None if then is None else max(0.0, then - _their_now(headers))
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(0.0, float(reset) - _their_now(headers))
    return None


def _their_now(headers: Mapping[str, str]) -> float:
    """By the clock of who answered, where the answer bears its time: ours may be an hour off."""
    said = _moment(headers.get("date", ""))
    return time.time() if said is None else said


def _moment(said: str) -> float | None:
    try:
        return parsedate_to_datetime(said).timestamp()
    except ValueError:
        return None
