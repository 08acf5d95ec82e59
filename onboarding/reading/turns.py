"""Whose time a run has taken so far: the machine's, the team's, the platform's. From the record of what happened."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.models import Event
from onboarding.models import Move, Run, Step

_MACHINE = {"resumed", "retry", "retry_asked", "ready"}
_ENDS = {"done", "refused", "cancelled"}


@dataclass(frozen=True)
class Split:
    """The run's time, each moment counted once: working before waiting, the platform's wait before the team's."""

    machine: timedelta
    team: timedelta
    platform: timedelta

    @property
    def whole(self) -> timedelta:
        return self.machine + self.team + self.platform


@dataclass(frozen=True)
class _Stretch:
    begin: datetime
    end: datetime
    move: str


def of_run(run: Run) -> list[Event]:
    """What was recorded about the run's steps, in order."""
    return list(Event.objects.filter(subject=f"run:{run.pk}", type__startswith="onramp.step.").order_by("time", "id"))


def split(run: Run, steps: Iterable[Step], events: Iterable[Event], now: datetime) -> Split:
    """`now` in the database's time, which all rows carry."""
    until = run.ended_at or now
    by_step: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_step[str(event.data.get("step", ""))].append(event)
    stretches = [one for step in steps for one in _stretches(step, by_step[step.name], until)]
    edges = sorted({run.created_at, until, *(t for s in stretches for t in (s.begin, s.end))})
    sums: dict[str, timedelta] = defaultdict(timedelta)
    for begin, end in itertools.pairwise(edges):
        if run.created_at <= begin and end <= until:
            sums[_whose([s.move for s in stretches if s.begin <= begin and end <= s.end])] += end - begin
    return Split(sums[Move.MACHINE], sums[Move.TEAM], sums[Move.PLATFORM])


def _stretches(step: Step, events: Sequence[Event], until: datetime) -> list[_Stretch]:
    """The step's life cut at each change of the one whose move it is."""
    if step.began_at is None:
        return []
    found, begin, move = [], step.began_at, str(Move.MACHINE)
    for event in events:
        if event.time < begin:
            continue
        found.append(_Stretch(begin, event.time, move))
        begin, move = event.time, _move_after(event)
        if not move:
            return found
    return [*found, _Stretch(begin, until, move)] if begin < until else found


def _move_after(event: Event) -> str:
    """Empty where the step has ended."""
    what = event.type.rpartition(".")[2]
    if what in _ENDS:
        return ""
    if what in _MACHINE:
        return Move.MACHINE
    return Move.TEAM if what == "failed" else str(event.data.get("move", Move.MACHINE))


def _whose(moves: list[str]) -> str:
    if Move.MACHINE in moves or not moves:
        return Move.MACHINE
    return Move.PLATFORM if Move.PLATFORM in moves else Move.TEAM
