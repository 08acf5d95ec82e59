"""Limits that all processes respect together: changes at a provider happen one after the other and spaced, a rate limit
holds for everybody, and a provider that does not answer is paused for a while.

It guards every exchange (`integrations.http.Gate`). Whether a provider is paused is read from the database once a second
and not for every exchange.
"""

import random
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

from database import prepared
from integrations import http, providers
from integrations.errors import Queued, Transient
from integrations.http import Call

MAX_WAIT = 5.0
"""Seconds that a worker waits for its turn among changes; a longer wait is given back to the engine."""
SCATTER = 2.0
RECHECK = 0.05
"""Seconds between two checks whether a change that takes longer than its turn is over."""
MARGIN = 1.0
"""Seconds by which a change counts as in progress for longer than its call may take."""
CACHE_SECONDS = 1.0
"""For how long the limits that were last read are used."""
UNLIMITED = frozenset({"address"})
"""Not one provider but many: each application answers for itself."""
FAILURE_THRESHOLD = 5
"""This many exchanges in a row without a proper answer pause the provider."""
MAX_PAUSE = 60.0

_load = partial(prepared.load, __package__)
_RESERVE_TURN = _load("reserve_turn")
_BEGIN_CHANGE = _load("begin_change")
_END_CHANGE = _load("end_change")
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


class Throttle:
    """Implements `integrations.http.Gate`."""

    def __init__(self, spacings: dict[str, float]) -> None:
        self.spacings = spacings
        self._limits: dict[str, _Limit] = {}
        self._read_at: float | None = None
        self._change = threading.local()

    def enter(self, provider: str, *, changes: bool) -> None:
        if provider in UNLIMITED:
            return
        limit = self._limit(provider)
        remaining = limit.paused_until - time.monotonic()
        if remaining > 0:
            after = remaining if limit.requested else None
            raise Transient(provider, limit.reason, retry_after=after, ambiguous=False)
        spacing = self.spacings.get(provider, 0.0)
        if changes and spacing:
            time.sleep(self._reserve_turn(provider, spacing))
            self._change.until = self._begin_change(provider)

    def leave(self, provider: str, call: Call) -> None:
        if provider in UNLIMITED:
            return
        until, self._change.until = getattr(self._change, "until", None), None
        if until is not None:
            prepared.execute(_END_CHANGE, {"provider": provider, "until": until})
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

    def _reserve_turn(self, provider: str, spacing: float) -> float:
        """Seconds until this change may begin. Raises Queued where too many already wait."""
        parameters = {"provider": provider, "spacing": spacing, "longest": MAX_WAIT}
        for (wait,) in prepared.execute(_RESERVE_TURN, parameters):
            return float(max(0.0, wait))
        raise _queued(provider)

    def _begin_change(self, provider: str) -> datetime:
        """From here on nobody else's change is in progress; a process that died in the middle of one is waited for no longer
        than a call may take. Raises Queued."""
        give_up_at = time.monotonic() + MAX_WAIT
        while time.monotonic() < give_up_at:
            for (until,) in prepared.execute(_BEGIN_CHANGE, {"provider": provider, "bound": http.TIMEOUT + MARGIN}):
                return cast(datetime, until)
            time.sleep(RECHECK)
        raise _queued(provider)


def _queued(provider: str) -> Queued:
    """With jitter, so that those who come back do not all come at once."""
    message = "changes there happen one at a time, and others are ahead of this one"
    return Queued(provider, message, retry_after=MAX_WAIT + random.uniform(0, SCATTER))  # noqa: S311 - no secret


def connect() -> Throttle:
    """Guard every exchange of this process."""
    throttle = Throttle(providers.spacings())
    http.set_gate(throttle)
    return throttle
