"""Explores schedules one after the other, and counts what they covered."""

import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

from engine import failpoints
from engine.context import Work
from engine.failpoints import Failpoint
from engine.models import Step
from tests.explore import chooser, database
from tests.explore.chooser import Chooser
from tests.explore.clock import Clock
from tests.explore.decisions import Script, Setup
from tests.explore.schedule import Explored, Schedule
from tests.explore.scheduler import Scheduler

VACUUM_EVERY = 50


@dataclass
class Coverage:
    schedules: int = 0
    decisions: int = 0
    states: set[tuple[str, ...]] = field(default_factory=set)
    what: Counter[str] = field(default_factory=Counter)
    """Verb, or the job that began → how often."""
    began: float = field(default_factory=time.monotonic)

    def add(self, explored: Explored) -> None:
        self.schedules += 1
        self.decisions += len(explored.script.decisions)
        self.states |= explored.record.states
        for decision in explored.script.decisions:
            self.what[decision.detail.split()[0] if decision.verb == "starts" else decision.verb] += 1

    def __str__(self) -> str:
        seconds = time.monotonic() - self.began
        what = ", ".join(f"{name} {count}" for name, count in self.what.most_common())
        return (
            f"{self.schedules} schedules in {seconds:.0f} s ({self.schedules / seconds:.1f}/s), {self.decisions} decisions, "
            f"{len(self.states)} combinations of states; {what}"
        )


class Explorer:
    def __init__(self, scheduler: Scheduler, clock: Clock) -> None:
        self.scheduler, self.clock = scheduler, clock
        self.coverage = Coverage()
        self._schedule: Schedule | None = None
        failpoints.subscribe(self._on_failpoint)

    def _on_failpoint(self, failpoint: Failpoint, step: Step) -> None:
        if self._schedule is not None:
            self._schedule.on_failpoint(failpoint, step)

    def explore(self, seed: int, number: int, setup: Setup | None = None) -> Explored:
        """The schedule of this number; the same seed and number give the same schedule."""
        generator = random.Random(f"{seed}:{number}")
        drawn = chooser.setup(generator)
        schedule = self._begin(setup or drawn)
        choose = Chooser(schedule, generator)
        while not schedule.violations and (decision := choose.decide()) is not None:
            schedule.apply(decision)
        return self._end(schedule)

    def replay(self, script: Script) -> Explored:
        schedule = self._begin(script.setup)
        for decision in script.decisions:
            schedule.apply(decision)
        return self._end(schedule)

    def _begin(self, setup: Setup) -> Schedule:
        if self.coverage.schedules % VACUUM_EVERY == 0:
            database.vacuum()
        self._schedule = Schedule(setup, self.scheduler, self.clock)
        return self._schedule

    def _end(self, schedule: Schedule) -> Explored:
        explored = schedule.finish()
        self.coverage.add(explored)
        return explored


def _as_in_processes() -> None:
    """Python 3.11 computes a cached property under one lock of the whole process: a thread that stops there would stop the
    others, which workers in processes of their own never do."""
    for owner, name in ((Step, "known_effects"), (Work, "_results")):
        vars(owner)[name].lock = nullcontext()


@contextmanager
def prepared() -> Iterator[Explorer]:
    """An explorer with a database and threads of its own. Django must be set up."""
    logging.disable(logging.CRITICAL)  # the engine logs every loss and every cut
    _as_in_processes()
    clock = Clock()
    with database.dedicated(clock):
        scheduler = Scheduler([*chooser.WORKERS, *chooser.PEOPLE, chooser.TIME])
        try:
            yield Explorer(scheduler, clock)
        finally:
            scheduler.dismiss()
