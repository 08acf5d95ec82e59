"""Named moments of a turn, at which a test may stop the worker. Nobody listens in production."""

from collections.abc import Callable
from enum import StrEnum

from onboarding.models import Step


class Point(StrEnum):
    CLAIMED = "claimed"
    INTENDED = "intended: the next thing is the call"
    CALLED = "called: the answer is here, and not yet recorded"
    MADE = "made: the effect is recorded"
    SETTLING = "settling: the code is done, and its result not yet written"
    SETTLED = "settled: written, and what follows may be in hand"


Listener = Callable[[Point, Step], None]
_listeners: list[Listener] = []


def on_reached(listener: Listener) -> None:
    _listeners.append(listener)


def reached(point: Point, step: Step) -> None:
    for listener in _listeners:
        listener(point, step)
