"""What can go wrong with a provider, in five kinds that the engine tells apart.

A provider module turns every answer it does not want into one of these; no other exception leaves `integrations`.
"""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from database.storable import storable
from integrations import providers

DEFAULT_RETRY_AFTER = 60.0
"""Seconds to wait for a provider that limits our requests and does not say for how long; GitHub's advice."""
MAX_RETRY_AFTER = 24 * 3600.0
"""A provider that asks for a longer pause is asked again after this one."""
MAX_MESSAGE, MAX_DETAIL = 1_000, 4_000
"""Characters of an error that are kept; a provider's words can be as long as its answer."""
FIRST_TIMESTAMP = 1e9
"""A smaller X-RateLimit-Reset is a number of seconds: as a timestamp it would lie before September 2001."""


class IntegrationError(Exception):
    """A provider did not do what we requested.

    `provider` is its name ("github"), `message` a sentence for people, `status` the HTTP status if there was one,
    `detail` the provider's own words (shown one click away, redacted before they are stored). Both are cut where they
    are long, and can be stored and printed.
    """

    def __init__(self, provider: str, message: str, *, status: int | None = None, detail: str = "") -> None:
        self.message = storable(message[:MAX_MESSAGE])
        self.detail = storable(detail[:MAX_DETAIL])
        self.provider = provider
        self.status = status
        super().__init__(self.message)

    @property
    def refused(self) -> bool:
        """The provider clearly said no, so the request had no effect."""
        return self.status is None or 400 <= self.status < 500

    def __str__(self) -> str:
        title = providers.title(self.provider)
        return f"{title}: {self.message}" + (f" (HTTP {self.status})" if self.status else "")


class Transient(IntegrationError):
    """It may succeed later: no answer, 5xx, rate limit.

    `retry_after` is in seconds, if the provider gave a time. `ambiguous` is true if the request may have had its
    effect although its answer was lost.
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
        self.retry_after = None if retry_after is None else min(retry_after, MAX_RETRY_AFTER)
        self.ambiguous = ambiguous

    @property
    def refused(self) -> bool:
        return not self.ambiguous


class Queued(Transient):
    """Nothing went wrong and nothing was sent: other changes come first. `retry_after` says when to try again."""

    def __init__(self, provider: str, message: str, *, retry_after: float) -> None:
        super().__init__(provider, message, ambiguous=False)
        self.retry_after: float = retry_after


class Denied(IntegrationError):
    """We lack the permission. `credentials` is true if no request with our credentials would succeed: they are missing, wrong
    or expired (401), or the tool's administrators refuse them as such."""

    def __init__(
        self, provider: str, message: str, *, status: int | None = None, detail: str = "", credentials: bool = False
    ) -> None:
        super().__init__(provider, message, status=status, detail=detail)
        self.credentials = credentials or status == 401


class Missing(IntegrationError):
    """The object does not exist, or is hidden from us (404, 410)."""


class Conflict(IntegrationError):
    """Somebody else's state is in the way (409, 412)."""


class Invalid(IntegrationError):
    """The provider refused our request as wrong (400, 422), or its answer is not what its API documents."""

    @property
    def refused(self) -> bool:
        """An answer that we cannot read may well have been a yes."""
        return self.status is not None and 400 <= self.status < 500


_KINDS: dict[int, type[IntegrationError]] = {
    401: Denied,
    403: Denied,
    404: Missing,
    410: Missing,
    409: Conflict,
    412: Conflict,
}


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
    return _KINDS.get(status, Invalid)(provider, message, status=status, detail=detail)


def rate_limit(status: int, headers: Mapping[str, str], text: str) -> float | None:
    """Seconds to wait if this answer reports a rate limit, else None. RFC 6585, and GitHub's `x-ratelimit-*`.

    GitHub may report its secondary limits only in the message, with neither header:
    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#rate-limit-errors
    """
    lower = _lower(headers)
    reported = lower.get("x-ratelimit-remaining") == "0" or "retry-after" in lower or "rate limit" in text.lower()
    if status != 429 and not (status == 403 and reported):
        return None
    wait = _retry_after(lower)
    return DEFAULT_RETRY_AFTER if wait is None else min(wait, MAX_RETRY_AFTER)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from Retry-After (a number or a date) or X-RateLimit-Reset (GitHub's timestamp, or others' seconds)."""
    value = headers.get("retry-after")
    if value and value.isdecimal():
        return float(value)
    if value:
        moment = _timestamp(value)
        return None if moment is None else max(0.0, moment - _provider_now(headers))
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") != "0" or not reset.isdecimal():
        return None
    seconds = float(reset)
    return seconds if seconds < FIRST_TIMESTAMP else max(0.0, seconds - _provider_now(headers))


def _provider_now(headers: Mapping[str, str]) -> float:
    """By the provider's clock if the answer has its time; ours may be an hour off."""
    date = _timestamp(headers.get("date", ""))
    return time.time() if date is None else date


def _timestamp(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
