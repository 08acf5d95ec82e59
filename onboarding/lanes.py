"""One lane a provider, shared by all processes: changes go one after the other and spaced, a rate limit is obeyed by everybody,
and a provider that does not answer is left alone for a while.

It stands at the door of every exchange (`integrations.http.Gate`). What it knows of a closed lane it asks the database once a
second and not for every exchange.
"""

import random
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from events import prepared
from integrations import http, providers
from integrations.errors import InLine, Transient
from integrations.http import Call
from onboarding.engine.statements import NOW

LONGEST_TURN = 5.0
"""Seconds that a worker waits for its turn among changes; who would wait longer comes again."""
SCATTER = 2.0
LOOK = 0.05
"""Seconds between two looks whether a change that takes longer than its turn is over."""
MARGIN = 1.0
"""Seconds by which a change under way is believed for longer than its call may take."""
FRESH = 1.0
"""Seconds for which what was read of a lane is believed."""
MANY = frozenset({"address"})
"""Not one provider but many: each application answers for itself."""
ENOUGH = 5
"""So many exchanges in a row without a proper answer close the lane."""
LONGEST_BREAK = 60.0

_TURN = f"""
INSERT INTO onboarding_lane AS l (name, next_at, asked, because, failures)
VALUES (%(lane)s, {NOW} + make_interval(secs => %(spacing)s), false, '', 0)
ON CONFLICT (name) DO UPDATE SET next_at = greatest(l.next_at, {NOW}) + make_interval(secs => %(spacing)s)
WHERE l.next_at IS NULL OR l.next_at < {NOW} + make_interval(secs => %(longest)s)
RETURNING extract(epoch FROM next_at - {NOW})::float - %(spacing)s
"""
_BUSY = f"""
UPDATE onboarding_lane SET busy_until = {NOW} + make_interval(secs => %(bound)s)
WHERE name = %(lane)s AND (busy_until IS NULL OR busy_until <= {NOW})
RETURNING busy_until
"""
_FREE = "UPDATE onboarding_lane SET busy_until = NULL WHERE name = %(lane)s AND busy_until = %(until)s"
_TROUBLED = f"""
SELECT name, extract(epoch FROM closed_until - {NOW})::float, asked, because, failures
FROM onboarding_lane WHERE closed_until > {NOW} OR failures > 0
"""
_CLOSE = f"""
INSERT INTO onboarding_lane AS l (name, closed_until, asked, because, failures)
VALUES (%(lane)s, {NOW} + make_interval(secs => %(seconds)s), true, %(because)s, 0)
ON CONFLICT (name) DO UPDATE SET
    closed_until = greatest(l.closed_until, excluded.closed_until), asked = true, because = excluded.because
"""
_FAILED = f"""
INSERT INTO onboarding_lane AS l (name, asked, because, failures) VALUES (%(lane)s, false, %(because)s, 1)
ON CONFLICT (name) DO UPDATE SET
    failures = l.failures + 1,
    because = excluded.because,
    asked = CASE WHEN l.failures + 1 >= %(enough)s THEN false ELSE l.asked END,
    closed_until = CASE
        WHEN l.failures + 1 >= %(enough)s
        THEN greatest(l.closed_until, {NOW} + make_interval(
            secs => least(%(longest)s::float, 2.0::float ^ least(l.failures + 1 - %(enough)s, 10))
        ))
        ELSE l.closed_until
    END
"""
_RECOVERED = """
UPDATE onboarding_lane SET failures = 0, closed_until = NULL, because = '' WHERE name = %(lane)s
"""


@dataclass
class _Known:
    """What was last read of a lane that is not as it should be; times on this machine's clock."""

    closed_until: float = 0.0
    asked: bool = False
    because: str = ""
    failures: int = 0


_QUIET = _Known()


class Lanes:
    """Keeps `integrations.http.Gate`."""

    def __init__(self, spacings: dict[str, float]) -> None:
        self.spacings = spacings
        self._known: dict[str, _Known] = {}
        self._read_at: float | None = None
        self._changing = threading.local()

    def enter(self, provider: str, *, changes: bool) -> None:
        if provider in MANY:
            return
        known = self._look(provider)
        left = known.closed_until - time.monotonic()
        if left > 0:
            raise Transient(provider, known.because, retry_after=left if known.asked else None, ambiguous=False)
        spacing = self.spacings.get(provider, 0.0)
        if changes and spacing:
            time.sleep(self._turn(provider, spacing))
            self._changing.until = self._begun(provider)

    def leave(self, provider: str, call: Call) -> None:
        if provider in MANY:
            return
        until, self._changing.until = getattr(self._changing, "until", None), None
        if until is not None:
            prepared.rows(_FREE, {"lane": provider, "until": until})
        if call.pause is not None:
            because = "it asked for a pause (rate limit)"
            prepared.rows(_CLOSE, {"lane": provider, "seconds": call.pause, "because": because})
            self._read_at = None
        elif call.status is None or call.status >= 500:
            because = "it has not answered properly for a while, and is left alone for a moment"
            values = {"lane": provider, "because": because, "enough": ENOUGH, "longest": LONGEST_BREAK}
            prepared.rows(_FAILED, values)
            self._read_at = None
        elif self._look(provider).failures:
            prepared.rows(_RECOVERED, {"lane": provider})
            self._read_at = None

    def _look(self, provider: str) -> _Known:
        """All lanes are read together: there are few, and those in trouble fewer."""
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > FRESH:
            self._known = {
                name: _Known(now + left if left else 0.0, asked, because, failures)
                for name, left, asked, because, failures in prepared.rows(_TROUBLED, {})
            }
            self._read_at = now
        return self._known.get(provider, _QUIET)

    def _turn(self, provider: str, spacing: float) -> float:
        """Seconds until this change may begin. Raises InLine where too many wait already."""
        for (wait,) in prepared.rows(_TURN, {"lane": provider, "spacing": spacing, "longest": LONGEST_TURN}):
            return float(max(0.0, wait))
        raise _later(provider)

    def _begun(self, provider: str) -> datetime:
        """Nobody else's change is under way from here on; whoever died in the middle of one is waited for no longer than a
        call may take. Raises InLine."""
        patience = time.monotonic() + LONGEST_TURN
        while time.monotonic() < patience:
            for (until,) in prepared.rows(_BUSY, {"lane": provider, "bound": http.TIMEOUT + MARGIN}):
                return cast(datetime, until)
            time.sleep(LOOK)
        raise _later(provider)


def _later(provider: str) -> InLine:
    """Those who come again do not all come at once."""
    says = "changes there go one after the other, and others are before this one"
    return InLine(provider, says, retry_after=LONGEST_TURN + random.uniform(0, SCATTER))  # noqa: S311 - no secret


def connect() -> Lanes:
    """Hand the lanes to the door of every exchange of this process."""
    lanes = Lanes(providers.spacings())
    http.keep_gate(lanes)
    return lanes
