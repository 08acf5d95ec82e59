"""The queue of those who want to change something at a provider: one has the turn, the first few wait for it in place.

Teams are served in turn, by start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996). Waiters that are present go before
those that are not, so that a dead or slow worker holds nobody up. A step further back is sent away with `Queued`, keeps its
place, and is called once the line has room. A call that is lost costs time, never a place: `retry_after` brings the step
back anyhow.
"""

import logging
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from database import prepared
from integrations import http
from integrations.errors import Queued
from integrations.http import Waiter

logger = logging.getLogger(__name__)

LINE = 3
"""How many places of a provider wait in place and keep a worker: the one that has the turn and those who come next."""
MOST = 8
"""The most places in the line, including called waiters that take long to return."""
MAX_WAIT = 5.0
"""Seconds that a change outside of steps waits for its turn: somebody looks at a page meanwhile."""
PATIENCE = 30.0
"""Seconds that a step waits in place; two turns may take as long."""
RETURN = 30.0
"""Seconds after which the first in the queue comes back if it was not called."""
SCATTER = 5.0
PRESENT = 3.0
"""Seconds for which a waiter counts as present after it was seen."""
KEPT = 60.0
"""Seconds for which a place is kept for a waiter that is gone, or was called and does not come."""
COMING = 10.0
"""Seconds for which the line has room for one that was called; then another one is called as well."""
NEXT_ASKS, OTHERS_ASK = 0.02, 0.2
"""Seconds between two queries of the next waiter, and of the others for each place ahead of them."""
MARGIN = 1.0
"""Seconds by which a turn lasts longer than its calls may take."""

_load = partial(prepared.load, __package__)
_ENTER = _load("enter_queue")
_STANDING = _load("standing")
_TAKE = _load("take_turn")
_LEAVE = _load("leave_turn")
_SEND_AWAY = _load("send_away")
_DROP = _load("drop_places")
_CALL = _load("call_waiters")
_BEGIN_CHANGE = _load("begin_change")
_QUEUES = _load("provider_queues")

Caller = Callable[[int], bool]
_caller: list[Caller] = []


def set_caller(caller: Caller) -> None:
    """`caller` resumes this waiter now; False if nobody waits under that number any more."""
    _caller[:] = [caller]


@dataclass(frozen=True)
class Turn:
    provider: str
    waiter: int | None
    place: int
    number: float
    until: datetime
    """The database's time at which it ends whatever becomes of its holder; tells it apart from every other turn."""
    began: float
    """On this machine's monotonic clock."""
    others: bool
    """Whether others had a place when it was taken."""

    @property
    def deadline(self) -> float:
        """When its last call has ended."""
        return self.began + http.TIMEOUT


@dataclass
class _Pace:
    """What this process last saw of a provider: moving averages, in seconds."""

    turn: float = 0.0
    """How long a turn takes."""
    coming: float = 0.0
    """How long a step takes to come back once it is called: it needs a worker, and reads again what it needs."""

    def took(self, seconds: float) -> None:
        self.turn += (seconds - self.turn) / 4

    def came(self, seconds: float) -> None:
        self.coming += (seconds - self.coming) / 4

    @property
    def line(self) -> int:
        """How many waiters must be in the line or on their way so that the next one arrives in time."""
        turns_until_there = math.ceil(self.coming / self.turn) if self.turn else 0
        return min(MOST, max(LINE, 1 + turns_until_there))


_pace: dict[str, _Pace] = defaultdict(_Pace)


@dataclass(frozen=True)
class ProviderQueue:
    """`waiting` places wait for the provider's turn, one of them for as long as `oldest`; `changes` have begun so far."""

    provider: str
    waiting: int
    oldest: timedelta
    changes: int


def take(provider: str, waiter: Waiter | None, spacing: float, after: Turn | None, check: Callable[[], None]) -> Turn:
    """Wait for the turn and take it. `after` is the turn that this thread had last; `check` may end the wait by an error.

    Raises Queued for a step that is not among the first, and after too long a wait.
    """
    give_up_at = time.monotonic() + (MAX_WAIT if waiter is None else PATIENCE)
    place, number = _enter(provider, waiter, after)
    while True:
        check()
        standing = prepared.execute(_STANDING, {"place": place, "present": PRESENT, "kept": KEPT})
        if not standing:  # this process was stopped for so long that its place was dropped
            place, number = _enter(provider, waiter, after)
            continue
        ahead, before, pause = standing[0]
        turn = None if ahead or pause else _take(provider, waiter, place, number)
        if turn is not None:
            if turn.others:
                _call(provider, _pace[provider].line)
            return turn
        if time.monotonic() + pause > give_up_at or (waiter is not None and ahead >= LINE):
            raise _sent_away(provider, waiter, place, before * spacing)
        time.sleep(OTHERS_ASK * ahead if ahead > 1 else max(NEXT_ASKS, min(pause, PRESENT / 2)))


def leave(turn: Turn) -> None:
    """End the turn. Where that fails, it ends automatically: what was done in it counts."""
    _pace[turn.provider].took(time.monotonic() - turn.began)
    try:
        left = prepared.execute(_LEAVE, {"provider": turn.provider, "place": turn.place, "until": turn.until})
        if left != [(False,)]:  # others have places, or the turn had ended already
            _call(turn.provider, 1)  # the next turn calls the others
    except Exception:
        logger.exception("could not end a turn at %s", turn.provider)


def begin_change(provider: str, spacing: float) -> None:
    """Wait until the last change there began `spacing` seconds ago."""
    ((seconds,),) = prepared.execute(_BEGIN_CHANGE, {"provider": provider, "spacing": spacing})
    time.sleep(max(0.0, seconds))


def queues() -> list[ProviderQueue]:
    """As of this moment, by the provider's name."""
    rows = prepared.execute(_QUEUES, {})
    return [ProviderQueue(name, waiting, timedelta(seconds=oldest), changes) for name, waiting, oldest, changes in rows]


def _enter(provider: str, waiter: Waiter | None, after: Turn | None) -> tuple[int, float]:
    """(place, number)."""
    parameters = {
        "provider": provider,
        "waiter": None if waiter is None else waiter.pk,
        "share": "" if waiter is None else waiter.share,
        "behind": after.number
        if after and waiter and (after.provider, after.waiter) == (provider, waiter.pk)
        else None,
        "present": PRESENT,
        "kept": KEPT,
    }
    ((place, number, called),) = prepared.execute(_ENTER, parameters)
    if called is not None:
        _pace[provider].came(called)
    return int(place), float(number)


def _take(provider: str, waiter: Waiter | None, place: int, number: float) -> Turn | None:
    """None where another one was faster."""
    began = time.monotonic()
    parameters = {"provider": provider, "place": place, "number": number, "bound": http.TIMEOUT + MARGIN}
    for until, others in prepared.execute(_TAKE, parameters):
        waiter_id = None if waiter is None else waiter.pk
        return Turn(provider, waiter_id, place, number, until, began, others)
    return None


def _call(provider: str, line: int) -> None:
    """Let steps that were sent away come back until so many are in the line. One that is gone for good makes room."""
    parameters = {"provider": provider, "line": line, "coming": COMING, "kept": KEPT}
    while gone := [place for place, waiter in prepared.execute(_CALL, parameters) if not _comes(waiter)]:
        prepared.execute(_DROP, {"places": gone})


def _comes(waiter: int | None) -> bool:
    return waiter is not None and any(call(waiter) for call in _caller)


def _sent_away(provider: str, waiter: Waiter | None, place: int, seconds: float) -> Queued:
    """With jitter, so that those who come back do not all come at once. `seconds` is the least that those ahead take."""
    retry_after = RETURN + 2 * seconds + random.uniform(0, SCATTER)  # noqa: S311 - no secret
    if waiter is None:
        prepared.execute(_DROP, {"places": [place]})
    else:
        prepared.execute(_SEND_AWAY, {"place": place, "kept": retry_after + KEPT})
    message = "changes there happen one at a time, and others are ahead of this one"
    return Queued(provider, message, retry_after=retry_after)
