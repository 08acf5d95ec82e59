"""How many changes of others begin between the moment a run is ready to change something and its own change."""

from collections.abc import Sequence
from itertools import pairwise

from bench.crowd.collector import Span


def overtaken(executions: Sequence[Span], calls: Sequence[Span], changes: Sequence[Span]) -> list[int]:
    """For each change of a run, in order: how many of `changes` (everybody's) began after the run was ready for it.

    A run is ready once an execution of the step has read what it needs, also where that execution was then sent away.
    """
    changes_of_run = sorted((call for call in calls if call.is_change), key=lambda call: call.begin)
    counts = []
    for previous, change in pairwise([None, *changes_of_run]):
        assert change is not None
        ready = _ready(executions, calls, previous, change)
        counts.append(sum(ready < other.begin < change.begin for other in changes if other.id != change.id))
    return counts


def _ready(executions: Sequence[Span], calls: Sequence[Span], previous: Span | None, change: Span) -> float:
    """The end of what the first execution of this step read after the run's previous change."""
    if previous is not None and previous.parent == change.parent:
        return previous.end
    step = next(execution.step for execution in executions if execution.id == change.parent)
    since = previous.end if previous is not None else 0.0
    first = next(span for span in executions if span.step == step and span.end > since)
    reads = [call.end for call in calls if call.parent == first.id and since < call.end <= change.begin]
    return max(reads, default=first.begin)
