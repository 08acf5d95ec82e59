"""The engine without Celery: executes every due step in this process."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from engine import execution, waking
from engine.models import Effect, EffectState, Step, StepState
from events import intake
from onboarding.models import Blocker, Onboarding
from onboarding.steps import golden_path
from tests.journey import fences

MAX_ROUNDS = 300
AN_HOUR = timedelta(hours=1)
ALICE_IN_CHAT = "U00000001"


@dataclass
class Engine:
    """`drain` executes what is due. `poll` makes every waiting step due first, as time would."""

    excluded: frozenset[str] = frozenset()
    """Names of steps that no worker executes for now."""

    def limit_to(self, *names: str) -> None:
        """From now on only these steps of onboardings, and the steps that they need, are executed."""
        allowed, kinds = set(names), {kind.name: kind for kind in golden_path.ONBOARDING}
        while missing := {need for name in allowed for need in kinds[name].needs} - allowed:
            allowed |= missing
        self.excluded = frozenset(set(kinds) - allowed)

    def drain(self) -> None:
        """Handle webhooks and execute steps until nothing is due."""
        for _ in range(MAX_ROUNDS):
            self._handle_webhooks()
            due = Step.objects.filter(pk__in=[pk for _, pk in waking.overdue()]).exclude(name__in=self.excluded)
            ids = list(due.order_by("position").values_list("pk", flat=True))
            if not ids:
                return
            with fences.watched():
                for pk in ids:
                    execution.execute(pk)
        raise AssertionError(f"steps are still due after {MAX_ROUNDS} rounds")

    def skip_waits(self) -> None:
        """Make every waiting step due."""
        Step.objects.filter(state=StepState.WAITING).update(due_at=Now())

    def age(self, onboarding: Onboarding, name: str) -> None:
        """Record that this step began an hour ago."""
        Step.objects.filter(run=onboarding.pk, name=name).update(began_at=Now() - AN_HOUR)

    def fail_for_long(self, onboarding: Onboarding, name: str) -> None:
        """Record that this step has failed for an hour."""
        Step.objects.filter(run=onboarding.pk, name=name).update(failing_since=Now() - AN_HOUR)

    def exhaust_patience(self, onboarding: Onboarding, name: str) -> None:
        """Record that this step found what it found an hour earlier."""
        step = Step.objects.get(run=onboarding.pk, name=name)
        since = step.result["unchanged_since"] - AN_HOUR.total_seconds()
        Step.objects.filter(pk=step.pk).update(result=step.result | {"unchanged_since": since})

    def poll(self, times: int = 1) -> None:
        """Execute every waiting step again, and look for unanswered effects as if an hour had passed."""
        for _ in range(times):
            self.skip_waits()
            Effect.objects.filter(state=EffectState.INTENDED).update(tried_at=F("tried_at") - AN_HOUR)
            self.drain()

    def poll_until(self, condition: Callable[[], object], description: str, seconds: float = 60) -> None:
        """Poll until the condition holds, for what happens outside in its own time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.poll()
            if condition():
                return
            time.sleep(0.3)
        steps = Step.objects.select_related("run").order_by("run__created_at", "position")
        lines = [f"{step.run.kind} {step.name}: {step.state} {step.reason} {step.detail}" for step in steps]
        raise AssertionError(f"{description}: not within {seconds:g} s\n" + "\n".join(lines))

    def _handle_webhooks(self) -> None:
        for pk in intake.unhandled():
            intake.handle(pk)


def step(onboarding: Onboarding, name: str) -> Step:
    return Step.objects.select_related("blocked_by__blocker", "run").get(run=onboarding.pk, name=name)


def blocker_of(onboarding: Onboarding, name: str) -> Blocker:
    """The blocker that this step waits for. Fails the test with the step's reason where it is not blocked."""
    row = step(onboarding, name)
    assert row.state == StepState.BLOCKED, (row.state, row.reason, row.detail)
    assert row.blocked_by is not None
    return row.blocked_by.blocker


def watch_of(blocker: Blocker) -> Step:
    """The step that watches the blocker's condition and its ticket."""
    return Step.objects.select_related("run").get(run=blocker.pk)
