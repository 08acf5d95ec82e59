"""Whose time a run has taken so far: the machine's, the team's, the platform's. From the record of what happened."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from engine.models import Move, Run, Step
from events.models import Event

_BY_MACHINE = {"resumed", "retry", "retry_requested", "ready"}
_ENDS = {"done", "declined", "cancelled"}


@dataclass(frozen=True)
class Split:
    """The run's time, each moment counted once: working before waiting, the platform's wait before the team's."""

    machine: timedelta
    team: timedelta
    platform: timedelta

    @property
    def total(self) -> timedelta:
        return self.machine + self.team + self.platform


@dataclass(frozen=True)
class _Stretch:
    begin: datetime
    end: datetime
    move: str


def events_of(run: Run) -> list[Event]:
    """What was recorded about the run's steps, in order; nothing where some of it may have been removed."""
    if not is_kept(run):
        return []
    return list(Event.objects.filter(subject=f"run:{run.pk}", type__startswith="onramp.step.").order_by("time", "id"))


def is_kept(run: Run) -> bool:
    """Whether the run is so young that none of its events has been removed."""
    return timezone.now() - run.created_at < timedelta(days=settings.ENV.portal_keep_events_days)


def split(run: Run, steps: Iterable[Step], events: Iterable[Event], now: datetime) -> Split:
    """`now` is in the database's time, as all rows are."""
    until = run.ended_at or now
    by_step: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_step[str(event.data.get("step", ""))].append(event)
    stretches = [stretch for step in steps for stretch in _stretches(step, by_step[step.name], until)]
    edges = sorted({run.created_at, until, *(t for each in stretches for t in (each.begin, each.end))})
    sums: dict[str, timedelta] = defaultdict(timedelta)
    for begin, end in itertools.pairwise(edges):
        if run.created_at <= begin and end <= until:
            moves = [stretch.move for stretch in stretches if stretch.begin <= begin and end <= stretch.end]
            sums[_whose(moves)] += end - begin
    return Split(sums[Move.MACHINE], sums[Move.TEAM], sums[Move.PLATFORM])


def _stretches(step: Step, events: Sequence[Event], until: datetime) -> list[_Stretch]:
    """The step's life, cut wherever the move passes to somebody else."""
    if step.began_at is None:
        return []
    stretches, begin, move = [], step.began_at, str(Move.MACHINE)
    for event in events:
        if event.time < begin:
            continue
        stretches.append(_Stretch(begin, event.time, move))
        begin, move = event.time, _move_after(event)
        if not move:
            return stretches
    return [*stretches, _Stretch(begin, until, move)] if begin < until else stretches


def _move_after(event: Event) -> str:
    """Empty where the step has ended."""
    word = event.type.rpartition(".")[2]
    if word in _ENDS:
        return ""
    if word in _BY_MACHINE:
        return Move.MACHINE
    return Move.TEAM if word == "failed" else str(event.data.get("move", Move.MACHINE))


def _whose(moves: list[str]) -> str:
    if Move.MACHINE in moves or not moves:
        return Move.MACHINE
    return Move.PLATFORM if Move.PLATFORM in moves else Move.TEAM
