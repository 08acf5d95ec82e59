"""The real engine under whatever order of events a machine thinks of: claims, ends, kills, wake-ups, retries, cancellations.

A model of the outside (a counter of objects) and of time (leases that end on demand) goes along. After every move: at most one
holder of a step, no step done without its effect, no effect twice, one "done" per step in the record.
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

from events.models import Event
from onboarding import intervening
from onboarding.engine import effects, hold, progress, registry, waking
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Ambiguous, Done, Ending, Failed, Lost, Paused, Retry, Unsettled, Wait
from onboarding.engine.registry import StepKind
from onboarding.intervening import NotPossible
from onboarding.models import Effect, EffectState, Run, RunState, Step, StepState

pytestmark = pytest.mark.django_db(transaction=True)
KIND = "machine"
STEPS = {"first": (), "left": ("first",), "right": ("first",), "last": ("left", "right")}
LONG = timedelta(hours=1)


def _unused(_: Any) -> Done:
    raise AssertionError("the machine performs by itself")


class Engine(RuleBasedStateMachine):
    """Workers are `held` claims, living or thought dead; each may still try to write."""

    @initialize()
    def start(self) -> None:
        registry.register(KIND, [StepKind(name, name, "lane", needs, _unused) for name, needs in STEPS.items()])
        with transaction.atomic():
            self.run = progress.start(KIND)
        self.outside: Counter[str] = Counter()
        self.held: list[Step] = []
        self.repeated: Counter[str] = Counter()
        """How often a step that was done was to be done once more."""

    def _steps(self, *states: str) -> list[Step]:
        return list(self.run.steps.filter(state__in=states))

    @rule(choice=st.integers(0, 3), fairly=st.booleans())
    def claim(self, choice: int, fairly: bool = False) -> None:
        """A ring, or the sweep; now and then one that comes too late or too early."""
        due = [pk for _, pk in waking.overdue()] or list(self.run.steps.values_list("pk", flat=True))
        taken = (hold.claim_fairly if fairly else hold.claim)(due[choice % len(due)])
        if taken is not None:
            self.held.append(taken)

    @rule(choice=st.integers(0, 3), next_=st.booleans())
    def a_whole_turn(self, choice: int, next_: bool) -> None:
        """What happens nearly always."""
        before = len(self.held)
        self.claim(choice)
        if len(self.held) > before:
            self.make_effect(len(self.held) - 1, "clear")
        if len(self.held) > before:
            self.end(len(self.held) - 1, "done", next_)

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 9), answer=st.sampled_from(["clear", "lost after", "lost before"]))
    def make_effect(self, choice: int, answer: str) -> None:
        """Every step makes one object outside; its answer may be lost."""
        step = self.held[choice % len(self.held)]

        def look() -> Made | None:
            return Made() if self.outside[step.name] else None

        def make() -> Made:
            assert hold.mine(step).exists(), "who lost the step makes no call"
            if answer != "lost before":
                self.outside[step.name] += 1
            if answer != "clear":
                raise Ambiguous("no answer")
            return Made()

        try:
            effects.ensure(step, "object", step.name, make=make, look=look)
        except (Retry, Unsettled):
            self._settle(step, Paused("later", 0, step.failures + 1, tried="later"))
        except Lost:
            del self.held[self._place(step)]

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 9), how=st.sampled_from(["done", "wait", "fail"]), next_=st.booleans())
    def end(self, choice: int, how: str, next_: bool) -> None:
        step = self.held[choice % len(self.held)]
        if how == "done" and not Effect.objects.filter(step=step.pk, state=EffectState.MADE).exists():
            how = "wait"  # the step's code would not have come so far
        endings: dict[str, Ending] = {"done": Done("done"), "wait": Wait("waits", 0), "fail": Failed("failed")}
        self._settle(step, endings[how], take_next=next_)

    def _place(self, step: Step) -> int:
        """Two claims of one step are equal rows, and two holders."""
        return next(place for place, one in enumerate(self.held) if one is step)

    def _settle(self, step: Step, ending: Ending, *, take_next: bool = False) -> None:
        del self.held[self._place(step)]
        own = hold.mine(step).exists()
        try:
            following = hold.settle(step, ending, take_next=take_next)
        except Lost:
            assert not own, "who holds the step may write"
            return
        assert own, "who lost the step may not"
        if following is not None:
            self.held.append(following)

    @rule()
    def leases_end(self) -> None:
        """Every worker is thought dead; those that live do not know it yet."""
        Step.objects.filter(state=StepState.RUNNING).update(lease_until=Now() - timedelta(seconds=1))

    @rule(choice=st.integers(0, 9), makes=st.booleans(), first=st.booleans())
    def one_who_was_thought_dead_comes_back(self, choice: int, makes: bool, first: bool) -> None:
        """Stopped for longer than its lease: another one took the step, and is under way or done with it."""
        if not self.held:
            self.claim(choice)
        if not self.held:
            return
        old = self.held[choice % len(self.held)]
        self.leases_end()
        taken = hold.claim(old.pk)
        if taken is not None:
            self.held.insert(0, taken)
            if first:
                self.make_effect(0, "clear")
                self.end(0, "done", False)
        if not any(one is old for one in self.held):
            return
        if makes:
            self.make_effect(self._place(old), "clear")
        else:
            self._settle(old, Done("too late") if self.outside[old.name] else Wait("too late", 0))

    @rule()
    def time_passes(self) -> None:
        Step.objects.filter(state=StepState.WAITING).update(due_at=Now())
        Effect.objects.update(tried_at=F("tried_at") - LONG)

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 9))
    def a_worker_dies(self, choice: int) -> None:
        self.held.pop(choice % len(self.held))

    @rule()
    def woken(self) -> None:
        waking.wake_run(self.run.pk)

    @rule(name=st.sampled_from(list(STEPS)))
    def retry(self, name: str) -> None:
        try:
            intervening.retry(self.run.pk, name, person="alice")
        except NotPossible:
            return

    @rule(name=st.sampled_from(list(STEPS)), really=st.integers(0, 3))
    def once_more(self, name: str, really: int) -> None:
        if really:
            return
        done = {step.name for step in self._steps(StepState.DONE)}
        try:
            intervening.repeat(self.run.pk, name, person="alice")
        except NotPossible:
            return
        self.repeated.update(done - {step.name for step in self._steps(StepState.DONE)})

    @rule(really=st.integers(0, 50))
    def cancel(self, really: int) -> None:
        if really == 17 and Run.objects.get(pk=self.run.pk).state == RunState.ACTIVE:
            intervening.cancel(self.run.pk, person="alice")

    @invariant()
    def never_twice(self) -> None:
        assert all(count <= 1 for count in self.outside.values()), self.outside

    @invariant()
    def no_step_is_done_without_its_effect(self) -> None:
        for step in self._steps(StepState.DONE):
            assert self.outside[step.name] == 1, step.name

    @invariant()
    def at_most_one_holder(self) -> None:
        living = Counter(
            step.pk for step in self.held if Step.objects.filter(pk=step.pk, epoch=step.epoch, state="running").exists()
        )
        assert all(count == 1 for count in living.values()), living

    @invariant()
    def each_done_is_told_once(self) -> None:
        told = Event.objects.filter(type="onramp.step.done", subject=f"run:{self.run.pk}")
        names = Counter(told.values_list("data__step", flat=True))
        assert names == Counter(step.name for step in self._steps(StepState.DONE)) + self.repeated

    @invariant()
    def needs_come_first_and_nothing_is_left_lying(self) -> None:
        state = Run.objects.get(pk=self.run.pk).state
        found = {step.name: step for step in self.run.steps.all()}
        done = {name for name, step in found.items() if step.state == StepState.DONE}
        for name, step in found.items():
            free = done.issuperset(STEPS[name])
            if step.state not in (StepState.NOT_STARTED, StepState.CANCELLED):
                assert free, f"{name} began before what it needs"
            elif state == RunState.ACTIVE:
                assert not free, f"{name} could go and nobody made it ready"
        assert (state == RunState.DONE) == (len(done) == len(STEPS))

    def teardown(self) -> None:
        """From wherever it stands, the run comes to its end."""
        self.held.clear()
        if Run.objects.get(pk=self.run.pk).state != RunState.ACTIVE:
            return
        for _ in range(40):
            self.leases_end()
            self.time_passes()
            for name in STEPS:
                self.retry(name)
            for _, pk in waking.overdue():
                step = hold.claim(pk)
                if step is None:
                    continue
                self.held.append(step)
                self.make_effect(len(self.held) - 1, "clear")
                if self.held:
                    self.end(len(self.held) - 1, "done", False)
            if Run.objects.get(pk=self.run.pk).state == RunState.DONE:
                break
        assert Run.objects.get(pk=self.run.pk).state == RunState.DONE
        self.never_twice()
        self.each_done_is_told_once()


def test_no_order_of_events_breaks_it() -> None:
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
