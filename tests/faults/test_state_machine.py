"""The real engine under random orders of events: claims, endings, crashes, wake-ups, retries, cancellations.

Hypothesis generates the orders. A counter of objects models the outside, and leases that expire on demand model time.
After every event: a step has at most one holder, no step is done without its effect, no effect exists twice, and the
record has one “done” event per step.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine import claims, completion, effects, interventions, lease, registry, runs, waking
from engine.effects import Made
from engine.interventions import NotPossible
from engine.models import Effect, EffectState, Run, RunState, Step, StepState
from engine.outcomes import Ambiguous, Done, Ending, Failed, Lost, NotYetVisible, Paused, Retry, Wait
from engine.registry import StepKind
from events.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
KIND = "machine"
STEPS = {"first": (), "left": ("first",), "right": ("first",), "last": ("left", "right")}
LONG = timedelta(hours=1)


def _never_called(_: Any) -> Done:
    raise AssertionError("the state machine does the work of the steps")


class Engine(RuleBasedStateMachine):
    """A worker is a claim in `held`. Some of them have lost their step without knowing; each may still try to write."""

    @initialize()
    def start(self) -> None:
        registry.register(KIND, [StepKind(name, name, "main", needs, _never_called) for name, needs in STEPS.items()])
        with transaction.atomic():
            self.run = runs.start(KIND)
        self.objects: Counter[str] = Counter()
        """Step → how many objects its effect has created."""
        self.held: list[Step] = []
        self.reruns: Counter[str] = Counter()
        """Step → how often it was reset after it had been done."""

    def _steps(self, *states: str) -> list[Step]:
        return list(self.run.steps.filter(state__in=states))

    @rule(choice=st.integers(0, 3), next_in_queue=st.booleans())
    def claim(self, choice: int, next_in_queue: bool = False) -> None:
        """After a notification or the sweep; where nothing is due, after a notification that is late or early."""
        due = [step_id for _, step_id in waking.overdue()] or list(self.run.steps.values_list("pk", flat=True))
        claimed = (claims.claim_next if next_in_queue else claims.claim)(due[choice % len(due)])
        if claimed is not None:
            self.held.append(claimed)

    @rule(choice=st.integers(0, 3), take_next=st.booleans())
    def execute(self, choice: int, take_next: bool) -> None:
        """A whole execution without a fault, which is what happens nearly always."""
        before = len(self.held)
        self.claim(choice)
        if len(self.held) > before:
            self.ensure_effect(len(self.held) - 1, "clear")
        if len(self.held) > before:
            self.end(len(self.held) - 1, "done", take_next)

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 9), answer=st.sampled_from(["clear", "lost after", "lost before"]))
    def ensure_effect(self, choice: int, answer: str) -> None:
        """Every step creates one object outside. The answer may be lost, before or after the object was created."""
        step = self.held[choice % len(self.held)]

        def find() -> Made | None:
            return Made() if self.objects[step.name] else None

        def create() -> Made:
            assert lease.held(step).exists(), "a worker that lost the step makes no call"
            if answer != "lost before":
                self.objects[step.name] += 1
            if answer != "clear":
                raise Ambiguous("no answer")
            return Made()

        try:
            effects.ensure(step, "object", step.name, create=create, find=find)
        except (Retry, NotYetVisible):
            self._complete(step, Paused("later", 0, step.failures + 1, attempt_message="later"))
        except Lost:
            del self.held[self._position(step)]

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 9), how=st.sampled_from(["done", "wait", "fail"]), take_next=st.booleans())
    def end(self, choice: int, how: str, take_next: bool) -> None:
        step = self.held[choice % len(self.held)]
        if how == "done" and not Effect.objects.filter(step=step.pk, state=EffectState.MADE).exists():
            how = "wait"  # the code of a step returns Done only after its effect
        endings: dict[str, Ending] = {"done": Done("done"), "wait": Wait("waits", 0), "fail": Failed("failed")}
        self._complete(step, endings[how], take_next=take_next)

    def _position(self, step: Step) -> int:
        """By identity: two claims of one step are equal rows, but two holders."""
        return next(position for position, held in enumerate(self.held) if held is step)

    def _complete(self, step: Step, ending: Ending, *, take_next: bool = False) -> None:
        del self.held[self._position(step)]
        is_holder = lease.held(step).exists()
        try:
            following = completion.complete(step, ending, take=[step.queue] if take_next else [])
        except Lost:
            assert not is_holder, "the holder of the step can write"
            return
        assert is_holder, "a worker that lost the step cannot write"
        if following is not None:
            self.held.append(following)

    @rule()
    def leases_expire(self) -> None:
        """Every worker counts as dead; those that live do not know it yet."""
        Step.objects.filter(state=StepState.RUNNING).update(lease_until=Now() - timedelta(seconds=1))

    @rule(choice=st.integers(0, 9), calls=st.booleans(), replaced=st.booleans())
    def a_stopped_worker_continues(self, choice: int, calls: bool, replaced: bool) -> None:
        """It was stopped for longer than its lease: another worker has claimed the step, and may be done with it."""
        if not self.held:
            self.claim(choice)
        if not self.held:
            return
        stopped = self.held[choice % len(self.held)]
        self.leases_expire()
        claimed = claims.claim(stopped.pk)
        if claimed is not None:
            self.held.insert(0, claimed)
            if replaced:
                self.ensure_effect(0, "clear")
                self.end(0, "done", False)
        if not any(held is stopped for held in self.held):
            return
        if calls:
            self.ensure_effect(self._position(stopped), "clear")
        else:
            self._complete(stopped, Done("too late") if self.objects[stopped.name] else Wait("too late", 0))

    @rule()
    def time_passes(self) -> None:
        Step.objects.filter(state=StepState.WAITING).update(due_at=Now())
        Effect.objects.update(tried_at=F("tried_at") - LONG)

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 9))
    def a_worker_dies(self, choice: int) -> None:
        self.held.pop(choice % len(self.held))

    @rule()
    def wake(self) -> None:
        waking.wake_run(self.run.pk)

    @rule(name=st.sampled_from(list(STEPS)))
    def retry(self, name: str) -> None:
        try:
            interventions.retry(self.run.pk, name, person="alice")
        except NotPossible:
            return

    @rule(name=st.sampled_from(list(STEPS)), lot=st.integers(0, 3))
    def rerun(self, name: str, lot: int) -> None:
        """Rarely, or nothing would ever be done."""
        if lot:
            return
        done = {step.name for step in self._steps(StepState.DONE)}
        try:
            interventions.rerun(self.run.pk, name, person="alice")
        except NotPossible:
            return
        self.reruns.update(done - {step.name for step in self._steps(StepState.DONE)})

    @rule(lot=st.integers(0, 50))
    def cancel(self, lot: int) -> None:
        """Very rarely, because nothing happens afterwards."""
        if lot == 17 and Run.objects.get(pk=self.run.pk).state == RunState.ACTIVE:
            interventions.cancel(self.run.pk, person="alice")

    @invariant()
    def no_effect_exists_twice(self) -> None:
        assert all(count <= 1 for count in self.objects.values()), self.objects

    @invariant()
    def no_step_is_done_without_its_effect(self) -> None:
        for step in self._steps(StepState.DONE):
            assert self.objects[step.name] == 1, step.name

    @invariant()
    def at_most_one_holder(self) -> None:
        holders = Counter(
            step.pk for step in self.held if Step.objects.filter(pk=step.pk, epoch=step.epoch, state="running").exists()
        )
        assert all(count == 1 for count in holders.values()), holders

    @invariant()
    def each_done_is_recorded_once(self) -> None:
        events = Event.objects.filter(type="onramp.step.done", subject=f"run:{self.run.pk}")
        names = Counter(events.values_list("data__step", flat=True))
        assert names == Counter(step.name for step in self._steps(StepState.DONE)) + self.reruns

    @invariant()
    def steps_start_once_everything_they_need_is_done(self) -> None:
        state = Run.objects.get(pk=self.run.pk).state
        steps = {step.name: step for step in self.run.steps.all()}
        done = {name for name, step in steps.items() if step.state == StepState.DONE}
        for name, step in steps.items():
            needs_are_done = done.issuperset(STEPS[name])
            if step.state not in (StepState.NOT_STARTED, StepState.CANCELLED):
                assert needs_are_done, f"{name} started before what it needs was done"
            elif state == RunState.ACTIVE:
                assert not needs_are_done, f"everything that {name} needs is done, but it did not become ready"
        assert (state == RunState.DONE) == (len(done) == len(STEPS))

    def teardown(self) -> None:
        """From any state, the run can still be completed."""
        self.held.clear()
        if Run.objects.get(pk=self.run.pk).state != RunState.ACTIVE:
            return
        for _ in range(40):
            self.leases_expire()
            self.time_passes()
            for name in STEPS:
                self.retry(name)
            for _, step_id in waking.overdue():
                step = claims.claim(step_id)
                if step is None:
                    continue
                self.held.append(step)
                self.ensure_effect(len(self.held) - 1, "clear")
                if self.held:
                    self.end(len(self.held) - 1, "done", False)
            if Run.objects.get(pk=self.run.pk).state == RunState.DONE:
                break
        assert Run.objects.get(pk=self.run.pk).state == RunState.DONE
        self.no_effect_exists_twice()
        self.each_done_is_recorded_once()


def test_no_order_of_events_breaks_an_invariant() -> None:
    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=80,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
