"""What must hold after every fault: each effect exists once, and the record has one “done” event per step."""

from collections import Counter

from engine.models import Effect, EffectState, RunState, StepState
from events.models import Event
from onboarding.models import Onboarding
from tests.journey.actors import Actors


def assert_done_once(onboarding: Onboarding, actors: Actors) -> None:
    """The onboarding is done; each of its steps was recorded as done once, and each of its effects exists once."""
    onboarding.run.refresh_from_db()
    steps = {step.name: (step.state, step.reason) for step in onboarding.run.steps.all()}
    assert onboarding.run.state == RunState.DONE, steps
    assert {state for state, _ in steps.values()} == {StepState.DONE}
    events = Event.objects.filter(subject=f"run:{onboarding.pk}")
    done = events.filter(type="onramp.step.done").values_list("data__step", flat=True)
    assert Counter(done) == Counter(list(steps)), "one “done” event per step"
    assert events.filter(type="onramp.onboarding.done").count() == 1
    _assert_effects_exist_once(onboarding, actors)


def _assert_effects_exist_once(onboarding: Onboarding, actors: Actors) -> None:
    name = onboarding.repository.full_name
    pulls = actors.pulls(name)
    assert len(pulls) == 1, [pull["html_url"] for pull in pulls]
    branches = [branch["name"] for branch in actors.github("GET", f"/repos/{name}/branches")]
    assert len([branch for branch in branches if branch.startswith("onramp/")]) <= 1, branches
    hooks = actors.github("GET", f"/repos/{name}/hooks", person="onramp-bot")
    assert len(hooks) == 1, hooks
    unfinished = Effect.objects.filter(step__run=onboarding.pk).exclude(state=EffectState.MADE)
    assert not unfinished, list(unfinished)
    pull_request = Effect.objects.filter(step__run=onboarding.pk, kind="pull request").get()
    assert pull_request.reference["number"] == pulls[0]["number"]


def assert_no_mail_was_sent_twice(actors: Actors, onboardings: list[Onboarding]) -> None:
    """A mail whose sending was interrupted may be missing: no mail is better than two."""
    subjects = Counter(mail["subject"] for mail in actors.emails())
    for onboarding in onboardings:
        end = f"{onboarding.repository.full_name} is onboarded"
        assert [count for subject, count in subjects.items() if end in subject] in ([], [1]), subjects
