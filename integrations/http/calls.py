"""The record of one request."""

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.errors import rate_limit


@dataclass
class Call:
    """One request as it was sent, and its answer."""

    provider: str
    method: str
    url: str
    sent: bool = False
    """Whether there was time to send it."""
    status: int | None = None
    seconds: float = 0.0
    processor: float = 0.0
    """CPU seconds that our side of the exchange took."""
    pause: float | None = None
    """Seconds for which the provider wants no more requests (a rate limit)."""

    def answered(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Record the answer while the exchange is in progress."""
        text = body[:1000].decode(errors="replace") if status == 403 else ""
        self.status, self.pause = status, rate_limit(status, headers, text)
