"""Celery's part without Celery: every due step gets its turn, here and now."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from events import intake
from onboarding.engine import waking, work
from onboarding.models import Blocker, Effect, EffectState, Onboarding, Step, StepState
from onboarding.steps import golden_path

ROUNDS = 300
AN_HOUR = timedelta(hours=1)
ALICE_IN_CHAT = "U00000001"


@dataclass
class Engine:
    """`go` turns what is due; `look` does so after shortening every wait to nothing, as time and polls would."""

    held: frozenset[str] = frozenset()
    """Names of steps that no worker takes at the moment."""

    def only(self, *names: str) -> None:
        """Onboardings go as far as these steps and what they need."""
        wanted, kinds = set(names), {kind.name: kind for kind in golden_path.ONBOARDING}
        while missing := {need for name in wanted for need in kinds[name].needs} - wanted:
            wanted |= missing
        self.held = frozenset(set(kinds) - wanted)

    def go(self) -> None:
        """Until nothing is due."""
        for _ in range(ROUNDS):
            self._hear()
            due = Step.objects.filter(pk__in=[pk for _, pk in waking.overdue()]).exclude(name__in=self.held)
            ids = list(due.order_by("position").values_list("pk", flat=True))
            if not ids:
                return
            for pk in ids:
                work.turn(pk)
        raise AssertionError("the engine does not come to rest")

    def hurry(self) -> None:
        """What waits is due at once."""
        Step.objects.filter(state=StepState.WAITING).update(due_at=Now())

    def age(self, onboarding: Onboarding, name: str) -> None:
        """This step began an hour ago."""
        Step.objects.filter(run=onboarding.pk, name=name).update(began_at=Now() - AN_HOUR)

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.hurry()
            Effect.objects.filter(state=EffectState.INTENDED).update(tried_at=F("tried_at") - AN_HOUR)
            self.go()

    def until(self, holds: Callable[[], object], what: str, seconds: float = 60) -> None:
        """Look again and again, for what others do in their own time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            if holds():
                return
            time.sleep(0.3)
        steps = [f"{one.run.kind} {one.name}: {one.state} {one.reason} {one.detail}" for one in _steps()]
        raise AssertionError(f"{what}: not within {seconds:g} s\n" + "\n".join(steps))

    def _hear(self) -> None:
        for pk in intake.unhandled():
            intake.handle(pk)


def _steps() -> list[Step]:
    return list(Step.objects.select_related("run").order_by("run__created_at", "position"))


def step(onboarding: Onboarding, name: str) -> Step:
    return Step.objects.select_related("blocker", "run").get(run=onboarding.pk, name=name)


def blocker_of(onboarding: Onboarding, name: str) -> Blocker:
    """What this step is blocked by; fails the test with the step's own words where it is not blocked."""
    found = step(onboarding, name)
    assert found.state == StepState.BLOCKED, (found.state, found.reason, found.detail)
    assert found.blocker is not None
    return found.blocker


def watch_of(blocker: Blocker) -> Step:
    """The step that watches over the cause."""
    return Step.objects.select_related("run").get(run=blocker.pk)
