"""What threads do: a worker's tasks, people's clicks, the sweep, and time."""

import os
import threading
import uuid
from collections.abc import Callable, Mapping
from functools import partial

from django.db import transaction

from engine import execution, interventions, registry, waking
from engine.heartbeat import _Heartbeat
from engine.interventions import NotPossible
from engine.models import Run, Step
from tests.explore import graphs
from tests.explore.actors import Actor, Job, Point, reach
from tests.explore.world import World

PERSON = "alice"
TICK = 10.0
"""Seconds. A third of a lease: a living holder renews between two of them."""
Show = Callable[[str, str, str], None]
"""Who, before which point, and what: a row of the table."""


class ScheduledHeartbeat(_Heartbeat):
    """The engine's own list of what to renew; the time of the schedule renews it instead of a thread of its own."""

    def __init__(self) -> None:
        self.pid, self.steps = os.getpid(), {}


class Jobs:
    """`named` gives the job of a decision's words."""

    def __init__(self, world: World, actors: Mapping[str, Actor], show: Show) -> None:
        self.world, self.actors, self.show = world, actors, show
        self.runs: list[uuid.UUID] = []
        self.steps: list[str] = []
        """Their names; all runs have the same."""
        self.heartbeat = ScheduledHeartbeat()
        self.notified: list[tuple[str, int]] = []
        """(queue, step) of every notification that no worker has received yet."""
        registry.set_notifier(lambda queue, step: self.notified.append((queue, step)))

    def begin(self, runs: list[Run], steps: list[str]) -> None:
        self.runs, self.steps = [run.pk for run in runs], steps

    def named(self, name: str) -> Job | None:
        """None where the runs or steps do not exist."""
        match name.split():
            case ["drain", queue]:
                return self._received(queue)
            case ["sweep"]:
                return waking.sweep
            case ["wake"]:
                return _wake
            case ["pass", ticks]:
                return partial(self._pass, int(ticks))
            case [verb, run, *step] if int(run) < len(self.runs) and set(step).issubset(self.steps):
                return self._on_run(verb, self.runs[int(run)], step)
        return None

    def _on_run(self, verb: str, run: uuid.UUID, step: list[str]) -> Job | None:
        match verb, step:
            case "execute", [name]:
                return partial(execution.execute, int(Step.objects.get(run=run, name=name).pk))
            case "retry", [name]:
                return partial(self._click, partial(interventions.retry, run, name, person=PERSON))
            case "rerun", [name]:
                return partial(self._click, partial(interventions.rerun, run, name, person=PERSON))
            case "cancel", []:
                return partial(self._click, partial(interventions.cancel, run, person=PERSON))
        return None

    def _received(self, queue: str) -> Job | None:
        """The oldest notification of the queue arrives; without one, a repeated notification of any of its steps."""
        waiting = [step for name, step in self.notified if name == queue]
        step = waiting[0] if waiting else Step.objects.filter(queue=queue).values_list("pk", flat=True).first()
        if step is None:
            return None
        self.notified = [(name, other) for name, other in self.notified if other != step]
        return partial(execution.drain, step)

    def _click(self, act: Callable[[], None]) -> None:
        try:
            act()
        except NotPossible as refusal:
            self.show(threading.current_thread().name, "", f"“{refusal}”")

    def _pass(self, ticks: int) -> None:
        """In ticks as long as somebody renews a lease; otherwise all at once."""
        left = ticks * TICK
        while left > 0:
            living = self._held_by_the_living()
            for step in living:
                self.heartbeat._renew(step)
            seconds = TICK if living else left
            reach(Point(f"{seconds:.0f} s pass"))
            if not living and self._held_by_the_living():
                continue
            self.world.expire(self.world.clock.monotonic() + seconds)
            self.world.clock.advance(seconds)
            left -= seconds

    def _held_by_the_living(self) -> list[Step]:
        renewed = {id(step) for step in self.heartbeat.steps.values()}
        living = [actor.held for actor in self.actors.values() if not actor.stopped and actor.held is not None]
        return [step for step in living if id(step) in renewed]


def _wake() -> None:
    with transaction.atomic():
        waking.wake_topic(graphs.TOPIC)
