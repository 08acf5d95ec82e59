"""What must hold after every fault: each effect exists once outside, and one "done" per step stands in the record."""

from collections import Counter

from events.models import Event
from onboarding.models import Effect, EffectState, Onboarding, RunState, StepState
from tests.journey.hands import Hands


def hold_for(run: Onboarding, hands: Hands) -> None:
    """For a run that is done."""
    run.run.refresh_from_db()
    steps = {step.name: (step.state, step.reason) for step in run.run.steps.all()}
    assert run.run.state == RunState.DONE, steps
    assert {state for state, _ in steps.values()} == {StepState.DONE}
    done = Event.objects.filter(subject=f"run:{run.pk}", type="onramp.step.done").values_list("data__step", flat=True)
    assert Counter(done) == Counter(list(steps)), "one “done” per step"
    assert Event.objects.filter(subject=f"run:{run.pk}", type="onramp.onboarding.done").count() == 1
    _once_outside(run, hands)


def _once_outside(run: Onboarding, hands: Hands) -> None:
    name = run.repository.full_name
    pulls = hands.pulls(name)
    assert len(pulls) == 1, [one["html_url"] for one in pulls]
    branches = [one["name"] for one in hands.github("GET", f"/repos/{name}/branches")]
    assert len([one for one in branches if one.startswith("onramp/")]) <= 1, branches
    hooks = hands.github("GET", f"/repos/{name}/hooks", person="onramp-bot")
    assert len(hooks) == 1, hooks
    left = Effect.objects.filter(step__run=run.pk).exclude(state=EffectState.MADE)
    assert not left, list(left)
    made = Effect.objects.filter(step__run=run.pk, kind="pull request").get()
    assert made.reference["number"] == pulls[0]["number"]


def mails_at_most_once(hands: Hands, runs: list[Onboarding]) -> None:
    """Told perhaps is better than told twice."""
    subjects = Counter(one["subject"] for one in hands.mails())
    for run in runs:
        ready = [count for subject, count in subjects.items() if f"{run.repository.full_name} is onboarded" in subject]
        assert ready in ([], [1]), subjects
