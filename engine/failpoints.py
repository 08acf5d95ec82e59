"""Named moments of an execution at which a test may stop the worker. Nobody subscribes in production."""

from collections.abc import Callable
from enum import StrEnum

from engine.models import Step


class Failpoint(StrEnum):
    CLAIMED = "claimed"
    INTENDED = "intended: the call comes next"
    CALLED = "called: the answer is here and not yet recorded"
    MADE = "made: the effect is recorded"
    COMPLETING = "completing: the step's code has returned and its result is not yet written"
    COMPLETED = "completed: written, and the next step may already be claimed"


Listener = Callable[[Failpoint, Step], None]
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> None:
    _listeners.append(listener)


def reach(failpoint: Failpoint, step: Step) -> None:
    for listener in _listeners:
        listener(failpoint, step)
