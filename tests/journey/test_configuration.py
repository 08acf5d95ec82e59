"""What the code reads and has no default for is entered before the first deployment, and seen by nobody but the cluster."""

import json

import pytest
from django.core import serializers
from django.test import Client

from catalog.models import Application
from events.models import Event
from onboarding import actions
from onboarding.content import Correction
from onboarding.models import Attempt, Effect, Move, Onboarding, Plan, Run, Step, StepState
from tests.journey.conftest import World
from tests.journey.engine import step
from tests.journey.hands import SERVICE

CANARY = "sesame-9d2f-open"
READS = {
    **SERVICE,
    "app.py": SERVICE["app.py"].replace("if __name__", 'TOKEN = os.environ["TILL_TOKEN"]\n\n\nif __name__', 1),
}


def waiting(world: World) -> Onboarding:
    """A run that has its namespace, and waits for a value."""
    name = world.hands.repository("till", files=READS)
    world.engine.only("configuration")
    run = world.start(name)
    world.engine.go()
    return run


def test_it_waits_for_the_value_and_goes_on_with_it(world: World) -> None:
    run = waiting(world)
    found = step(run, "configuration")
    assert (found.state, found.move) == (StepState.WAITING, Move.TEAM)
    assert "TILL_TOKEN" in found.reason
    assert actions.enter(world.alice, run, run.plan.content["components"][0]["name"], {"TILL_TOKEN": CANARY}) == [
        "TILL_TOKEN"
    ]
    world.engine.go()
    assert step(run, "configuration").state == StepState.DONE


def test_the_deployment_gets_it_by_reference_alone(world: World) -> None:
    run = waiting(world)
    texts = json.dumps(run.plan.content)
    name = run.plan.content["components"][0]["name"]
    assert f"name: {name}-settings" in texts
    assert world.hands.secret(run.plan.content["namespace"], f"{name}-settings") is None
    actions.enter(world.alice, run, name, {"TILL_TOKEN": CANARY})
    assert world.hands.secret(run.plan.content["namespace"], f"{name}-settings") == {"TILL_TOKEN": CANARY}


def test_nothing_of_ours_keeps_the_value(world: World, caplog: pytest.LogCaptureFixture) -> None:
    run = waiting(world)
    name = run.plan.content["components"][0]["name"]
    actions.enter(world.alice, run, name, {"TILL_TOKEN": CANARY})
    world.engine.go()
    rows = [row for model in (Plan, Run, Step, Attempt, Effect, Event, Onboarding) for row in model.objects.all()]
    assert CANARY not in serializers.serialize("json", rows)
    assert CANARY not in caplog.text
    client = Client()
    client.force_login(run.person)
    for page in ("", "settings/"):
        assert CANARY not in client.get(f"/onboardings/{run.pk}/{page}").content.decode()


def test_values_of_another_day_stay(world: World) -> None:
    run = waiting(world)
    name = run.plan.content["components"][0]["name"]
    namespace = run.plan.content["namespace"]
    world.hands.put_secret(namespace, f"{name}-settings", {"OWN": "of the team"})
    actions.enter(world.alice, run, name, {"TILL_TOKEN": CANARY})
    assert world.hands.secret(namespace, f"{name}-settings") == {"OWN": "of the team", "TILL_TOKEN": CANARY}


def test_what_is_not_read_is_refused(world: World) -> None:
    run = waiting(world)
    name = run.plan.content["components"][0]["name"]
    for application, values in ((name, {"OTHER": "x"}), ("nobody", {"TILL_TOKEN": "x"}), (name, {"TILL_TOKEN": ""})):
        with pytest.raises(actions.Refused):
            actions.enter(world.alice, run, application, values)


def test_people_may_say_that_it_needs_none(world: World) -> None:
    name = world.hands.repository("till", files=READS)
    before = world.plan(name)
    application = before.content["components"][0]["name"]
    corrected = [Correction(name=application, unneeded=["TILL_TOKEN"])]
    plan = actions.plan(world.alice, f"{world.sandbox.url}/github/{name}", corrected)
    run, _ = actions.start(world.alice, plan, plan.digest)
    assert not run.run.steps.filter(name="configuration").exists()
    assert run.run.steps.get(name="merge").needs == ["build"]


@pytest.mark.parametrize("more", [{}, {"OWN": "of the team"}])
def test_an_undo_takes_the_values_that_were_entered_and_no_others(world: World, more: dict[str, str]) -> None:
    """The namespace stays, because another application of the team lives there."""
    first = world.start(world.hands.repository("shop"))
    run = waiting(world)
    Application.objects.filter(repository=first.repository).update(granted_at="2026-01-01T00:00:00Z")
    name, namespace = run.plan.content["components"][0]["name"], run.plan.content["namespace"]
    if more:
        world.hands.put_secret(namespace, f"{name}-settings", more)
    actions.enter(world.alice, run, name, {"TILL_TOKEN": CANARY})
    world.engine.go()
    assert step(run, "configuration").state == StepState.DONE
    actions.cancel(world.alice, run, undone=True)
    world.engine.look(3)
    assert namespace in world.hands.namespaces()
    kept = world.hands.secret(namespace, f"{name}-settings")
    assert (kept is None) == (not more), "what was not entered for the run is not taken from anybody"
