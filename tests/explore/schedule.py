"""Carries out the decisions of one schedule, then leaves everybody alone and asks the invariants."""

import random
import threading
import uuid
from dataclasses import dataclass

from django.db import transaction

from engine import execution, heartbeat, interventions, runs, waking
from engine.failpoints import Failpoint
from engine.models import Run, RunState, Step, StepState
from tests.explore import database, graphs, invariants, jobs
from tests.explore.actors import Actor, Job, Status
from tests.explore.clock import Clock
from tests.explore.decisions import Decision, Script, Setup
from tests.explore.invariants import Record
from tests.explore.jobs import Jobs
from tests.explore.scheduler import Scheduler
from tests.explore.world import World

EVERYBODY = "everybody"
"""Who works once the schedule is over."""
ROUNDS = 60
"""Of sweeps without a fault, until every run must have ended."""
HOUR = 3600.0


@dataclass(frozen=True)
class Row:
    """A line of the table that shows a schedule."""

    actor: str
    point: str
    what: str


@dataclass
class Explored:
    """What became of a schedule."""

    script: Script
    violations: list[str]
    rows: list[Row]
    record: Record


class Schedule:
    """One schedule under way. `apply` takes a decision, `finish` ends it."""

    def __init__(self, setup: Setup, scheduler: Scheduler, clock: Clock) -> None:
        self.setup, self.scheduler, self.clock = setup, scheduler, clock
        self.actors = scheduler.actors
        self.world = World(clock, setup.lag)
        self.decisions: list[Decision] = []
        self.rows: list[Row] = []
        self.violations: list[str] = []
        self.jobs = Jobs(self.world, self.actors, self._show)
        self.cut: set[str] = set()
        """Actors whose connection was lost at some time."""
        self._prepare()

    def _prepare(self) -> None:
        """The same start for the same setup: ids and jitter come from seeded generators."""
        database.empty()
        self.scheduler.reset()
        random.seed(str(self.setup))
        ids = random.Random(str(self.setup))
        field_of_id = Run._meta.get_field("id")
        field_of_id.__dict__["_get_default"] = lambda: uuid.UUID(int=ids.getrandbits(128), version=4)
        heartbeat._heartbeat[:] = [self.jobs.heartbeat]
        graphs.register(self.setup, self.world)
        with transaction.atomic():
            self.runs = [runs.start(graphs.run_kind(self.setup), topic=graphs.TOPIC) for _ in range(self.setup.runs)]
        self.jobs.begin(self.runs, list(graphs.GRAPHS[self.setup.graph]))

    def on_failpoint(self, failpoint: Failpoint, step: Step) -> None:
        """Only shown: a statement, a call or an end follows, and nobody notices what is before it."""
        if isinstance(threading.current_thread(), Actor):
            self._show(
                threading.current_thread().name, "", f"reaches {failpoint.name} of {step.name}, epoch {step.epoch}"
            )

    def apply(self, decision: Decision) -> bool:
        """False where the decision does not fit the moment; a shrunk schedule has such decisions."""
        if not self._apply(decision):
            return False
        self.decisions.append(decision)
        self._note_ends()
        return True

    def _apply(self, decision: Decision) -> bool:
        if decision.actor == "@":
            return self._happen(decision)
        actor = self.actors.get(decision.actor)
        if actor is None:
            return False
        match decision.verb:
            case "starts":
                job = self.jobs.named(decision.detail)
                return actor.status == Status.IDLE and job is not None and self._start(actor, decision.detail, job)
            case "stops" | "wakes":
                return self._stop(actor, decision.verb == "stops")
            case "goes":
                return self._go(actor, decision.detail or actor.point.answers[0], decision.detail)
            case "reaches" | "ends":
                return self._reach(actor, decision.detail)
            case "dies":
                return self._go(actor, "kill", "dies")
            case "loses-answer":
                self.cut.add(actor.name)
                return self._is_statement(actor) and self._go(actor, "lose the answer", "loses the answer")
            case "is-cut-off":
                return self._cut(actor)
        return False

    def _happen(self, decision: Decision) -> bool:
        """Outside, where nobody's thread is."""
        match decision.verb:
            case "clears":
                done = not self.world.cleared
                self.world.cleared = True
            case "declines":
                done = not self.world.declined
                self.world.declined = True
            case "request-arrives":
                done = bool(self.world.requests)
                if done:
                    self.world.arrive(self.world.requests[0])
            case _:
                return False
        if done:
            self._show("@", "", decision.verb)
        return done

    def _start(self, actor: Actor, name: str, job: Job) -> bool:
        self._show(actor.name, "", f"starts: {name}")
        self.scheduler.start(actor, name, job)
        return True

    def _stop(self, actor: Actor, stops: bool) -> bool:
        if actor.status != Status.READY or actor.stopped == stops:
            return False
        actor.stopped = stops
        self._show(actor.name, "", "is stopped" if stops else "continues")
        return True

    def _go(self, actor: Actor, order: str, shown: str) -> bool:
        if actor.status != Status.READY or (actor.stopped and order != "kill"):
            return False
        if order not in (*actor.point.answers, "kill", "lose the answer"):
            order = shown = actor.point.answers[0]
        self._show(actor.name, actor.point.name, shown or order)
        self.scheduler.proceed(actor, order)
        if actor in self.scheduler.having(Status.BLOCKED):
            self._show(actor.name, "", "… waits for a lock")
        return True

    def _reach(self, actor: Actor, point: str) -> bool:
        """It goes on, with friendly answers, until it is before a point whose name begins like this, or waits, or has ended."""
        moves = 0
        while actor.status == Status.READY and not (point and actor.point.name.startswith(point)):
            moves += self._go(actor, actor.point.answers[0], "")
            if actor.stopped:
                break
        return moves > 0

    def _cut(self, actor: Actor) -> bool:
        if actor.status != Status.READY or not self._is_statement(actor) or not actor.pid:
            return False
        self._show(actor.name, actor.point.name, "is cut off before")
        self.cut.add(actor.name)
        self.scheduler.cut(actor)
        return True

    def _is_statement(self, actor: Actor) -> bool:
        """A click or the time is not cut off: what a person sees then is the database's fault."""
        return actor.name.startswith("W") and actor.point.answers == ("",)

    def finish(self) -> Explored:
        self._everybody_ends()
        for request in list(self.world.requests):
            self.world.arrive(request)
        self.world.cleared = True
        self._leave_alone()
        record = invariants.read(self.runs)
        pids = self._pids()
        broken = invariants.violations(record, self.world, self.setup, pids)
        return Explored(Script(self.setup, tuple(self.decisions)), self.violations + broken, self.rows, record)

    def _everybody_ends(self) -> None:
        """All go on, one after the other, with friendly answers."""
        while busy := [actor for actor in self.actors.values() if actor.status != Status.IDLE]:
            ready = [actor for actor in busy if actor.status == Status.READY]
            if not ready:
                raise RuntimeError(f"{[actor.name for actor in busy]} wait for locks that nobody has")
            ready[0].stopped = False
            self._go(ready[0], ready[0].point.answers[0], "")
            self._note_ends()

    def _leave_alone(self) -> None:
        """Time passes, the sweep notifies, workers work, and a person retries what failed."""
        for _ in range(ROUNDS):
            if not Run.objects.filter(state=RunState.ACTIVE).exists():
                return
            self.clock.advance(HOUR)
            for _, step_id in waking.overdue(limit=100):
                execution.drain(step_id)
            for step in Step.objects.filter(state=StepState.FAILED):
                interventions.retry(step.run_id, step.name, person=jobs.PERSON)
        for active in Run.objects.filter(state=RunState.ACTIVE):
            states = dict(active.steps.values_list("name", "state"))
            self.violations.append(f"the run {active.kind} makes no progress: {states}")

    def _note_ends(self) -> None:
        for cycle in self.scheduler.deadlocks:
            names = " and ".join(map(str, cycle))
            self._show(cycle[-1].actor, "", f"is in a deadlock: {names}; its statement is cancelled")
            if any(wait.actor.startswith("P") for wait in cycle):
                self.violations.append(f"a click is in a deadlock: {names}")
        in_deadlock = {wait.actor for cycle in self.scheduler.deadlocks for wait in cycle}
        self.scheduler.deadlocks.clear()
        for actor in self.actors.values():
            if actor.error is not None and actor.name not in in_deadlock and not self._is_excused(actor):
                self.violations.append(f"{actor.job_name} ended with {type(actor.error).__name__}: {actor.error}")
            actor.error = None

    def _is_excused(self, actor: Actor) -> bool:
        """A worker may end with the database's error where the database failed: the sweep notifies of its step again."""
        return actor.name in self.cut and isinstance(actor.error, execution.DATABASE_ERRORS)

    def _pids(self) -> dict[int, str]:
        return {pid: actor.name for actor in self.actors.values() for pid in actor.pids} | {database.pid(): EVERYBODY}

    def _show(self, actor: str, point: str, what: str) -> None:
        self.rows.append(Row(actor, point, what))
