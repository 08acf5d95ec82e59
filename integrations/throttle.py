"""Limits that all processes respect together: changes at a provider happen one after the other and spaced, a rate limit
holds for everybody, and a provider that does not answer is paused for a while.

It guards every exchange (`integrations.http.Gate`). Whether a provider is paused is read from the database once a second
and not for every exchange. Whose turn it is to change something is decided in `integrations.turns`.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from database import prepared
from integrations import http, providers, turns
from integrations.errors import Transient
from integrations.http import Call, Waiter
from integrations.turns import Turn

CACHE_SECONDS = 1.0
"""For how long the limits that were last read are used."""
UNLIMITED = frozenset({"address"})
"""Not one provider but many: each application answers for itself."""
FAILURE_THRESHOLD = 5
"""This many exchanges in a row without a proper answer pause the provider."""
MAX_PAUSE = 60.0

_load = partial(prepared.load, __package__)
_LIMITED = _load("limited")
_PAUSE = _load("pause")
_RECORD_FAILURE = _load("record_failure")
_RECOVER = _load("recover")


@dataclass
class _Limit:
    """What was last read of a provider that is paused or failing; times on this machine's monotonic clock."""

    paused_until: float = 0.0
    requested: bool = False
    reason: str = ""
    failures: int = 0


_NONE = _Limit()


class _Thread(threading.local):
    """What one thread has of the queues."""

    def __init__(self) -> None:
        self.held: dict[str, Turn] = {}
        """Provider → the turn in which its changes go on at once."""
        self.single: Turn | None = None
        """The turn of the change in progress, where that is outside of any other turn."""
        self.last: Turn | None = None


class Throttle:
    """Implements `integrations.http.Gate`."""

    def __init__(self, spacings: dict[str, float]) -> None:
        self.spacings = spacings
        self._limits: dict[str, _Limit] = {}
        self._read_at: float | None = None
        self._thread = _Thread()

    @contextmanager
    def turn(self, provider: str, waiter: Waiter) -> Iterator[None]:
        """Providers without spacing have no queue."""
        mine = self._thread
        if not self.spacings.get(provider) or provider in mine.held:
            yield
            return
        turn = mine.held[provider] = self._take(provider, waiter)
        try:
            with http.deadline(turn.deadline):
                yield
        finally:
            mine.last = mine.held.pop(provider)
            turns.leave(turn)

    def enter(self, provider: str, *, changes: bool) -> None:
        if provider in UNLIMITED:
            return
        self._check_pause(provider)
        spacing = self.spacings.get(provider, 0.0)
        if changes and spacing:
            if provider not in self._thread.held:
                self._thread.single = self._take(provider, None)
            turns.begin_change(provider, spacing)

    def leave(self, provider: str, call: Call) -> None:
        if provider in UNLIMITED:
            return
        single, self._thread.single = self._thread.single, None
        if single is not None:
            turns.leave(single)
        if call.sent:
            self._note(provider, call)

    def _note(self, provider: str, call: Call) -> None:
        """What the answer means for everybody's next request."""
        if call.pause is not None:
            reason = "it asked for a pause (rate limit)"
            prepared.execute(_PAUSE, {"provider": provider, "seconds": call.pause, "reason": reason})
            self._read_at = None
        elif call.status is None or call.status >= 500:
            parameters = {
                "provider": provider,
                "reason": "it has not answered properly for a while, so requests are paused",
                "threshold": FAILURE_THRESHOLD,
                "longest": MAX_PAUSE,
            }
            prepared.execute(_RECORD_FAILURE, parameters)
            self._read_at = None
        elif self._limit(provider).failures:
            prepared.execute(_RECOVER, {"provider": provider})
            self._read_at = None

    def _limit(self, provider: str) -> _Limit:
        """The limits of all providers are read together."""
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > CACHE_SECONDS:
            self._limits = {
                name: _Limit(now + seconds if seconds else 0.0, requested, reason, failures)
                for name, seconds, requested, reason, failures in prepared.execute(_LIMITED, {})
            }
            self._read_at = now
        return self._limits.get(provider, _NONE)

    def _check_pause(self, provider: str) -> None:
        limit = self._limit(provider)
        remaining = limit.paused_until - time.monotonic()
        if remaining > 0:
            after = remaining if limit.requested else None
            raise Transient(provider, limit.reason, retry_after=after, ambiguous=False)

    def _take(self, provider: str, waiter: Waiter | None) -> Turn:
        """Raises Queued, and Transient once the provider is paused."""
        check = partial(self._check_pause, provider)
        return turns.take(provider, waiter, self.spacings[provider], self._thread.last, check)


def connect() -> Throttle:
    """Guard every exchange of this process."""
    throttle = Throttle(providers.spacings())
    http.set_gate(throttle)
    return throttle
