"""Required variables are entered before the first deployment, and only the cluster stores their values."""

import json

import pytest
from django.core import serializers
from django.test import Client

from catalog.models import Application
from engine.models import Attempt, Effect, Move, Run, Step, StepState
from events.models import Event
from onboarding.actions import onboardings, plans, secret_values
from onboarding.models import Onboarding, Plan
from onboarding.plans.content import Correction
from onboarding.plans.preflight import RequestRejected
from tests.journey.actors import SERVICE
from tests.journey.conftest import World
from tests.journey.engine import step

CANARY = "sesame-9d2f-open"
READS = {
    **SERVICE,
    "app.py": SERVICE["app.py"].replace("if __name__", 'TOKEN = os.environ["TILL_TOKEN"]\n\n\nif __name__', 1),
}


def waiting_for_value(world: World) -> Onboarding:
    """A run that has its namespace and waits for a value."""
    name = world.actors.repository("till", files=READS)
    world.engine.limit_to("configuration")
    run = world.start(name)
    world.engine.drain()
    return run


def test_a_run_waits_for_the_value_and_resumes_with_it(world: World) -> None:
    run = waiting_for_value(world)
    waiting = step(run, "configuration")
    assert (waiting.state, waiting.move) == (StepState.WAITING, Move.TEAM)
    assert "TILL_TOKEN" in waiting.reason
    application = run.plan.content["components"][0]["name"]
    assert secret_values.enter(world.alice, run, application, {"TILL_TOKEN": CANARY}) == ["TILL_TOKEN"]
    world.engine.drain()
    assert step(run, "configuration").state == StepState.DONE


def test_the_deployment_only_refers_to_the_value(world: World) -> None:
    run = waiting_for_value(world)
    texts = json.dumps(run.plan.content)
    name = run.plan.content["components"][0]["name"]
    assert f"name: {name}-settings" in texts
    assert world.actors.secret(run.plan.content["namespace"], f"{name}-settings") is None
    secret_values.enter(world.alice, run, name, {"TILL_TOKEN": CANARY})
    assert world.actors.secret(run.plan.content["namespace"], f"{name}-settings") == {"TILL_TOKEN": CANARY}


def test_onramp_never_stores_logs_or_shows_the_value(world: World, caplog: pytest.LogCaptureFixture) -> None:
    run = waiting_for_value(world)
    name = run.plan.content["components"][0]["name"]
    secret_values.enter(world.alice, run, name, {"TILL_TOKEN": CANARY})
    world.engine.drain()
    rows = [row for model in (Plan, Run, Step, Attempt, Effect, Event, Onboarding) for row in model.objects.all()]
    assert CANARY not in serializers.serialize("json", rows)
    assert CANARY not in caplog.text
    client = Client()
    client.force_login(run.person)
    for page in ("", "settings/"):
        assert CANARY not in client.get(f"/onboardings/{run.pk}/{page}").content.decode()


def test_entering_a_value_keeps_earlier_values(world: World) -> None:
    run = waiting_for_value(world)
    name = run.plan.content["components"][0]["name"]
    namespace = run.plan.content["namespace"]
    world.actors.create_secret(namespace, f"{name}-settings", {"EARLIER": "value"})
    secret_values.enter(world.alice, run, name, {"TILL_TOKEN": CANARY})
    assert world.actors.secret(namespace, f"{name}-settings") == {"EARLIER": "value", "TILL_TOKEN": CANARY}


def test_only_nonempty_values_of_variables_in_the_plan_are_accepted(world: World) -> None:
    run = waiting_for_value(world)
    name = run.plan.content["components"][0]["name"]
    for application, values in ((name, {"OTHER": "x"}), ("nobody", {"TILL_TOKEN": "x"}), (name, {"TILL_TOKEN": ""})):
        with pytest.raises(RequestRejected):
            secret_values.enter(world.alice, run, application, values)


def test_a_person_can_mark_a_variable_as_not_needed(world: World) -> None:
    name = world.actors.repository("till", files=READS)
    before = world.plan(name)
    application = before.content["components"][0]["name"]
    corrected = [Correction(name=application, unneeded=["TILL_TOKEN"])]
    plan = plans.create(world.alice, f"{world.sandbox.url}/github/{name}", corrected)
    run, _ = onboardings.start(world.alice, plan, plan.digest)
    assert not run.run.steps.filter(name="configuration").exists()
    assert run.run.steps.get(name="merge").needs == ["build"]


@pytest.mark.parametrize("earlier", [{}, {"EARLIER": "value"}])
def test_an_undo_removes_only_the_values_that_were_entered(world: World, earlier: dict[str, str]) -> None:
    """The namespace stays, because another application of the team lives there."""
    first = world.start(world.actors.repository("shop"))
    run = waiting_for_value(world)
    Application.objects.filter(repository=first.repository).update(granted_at="2026-01-01T00:00:00Z")
    name, namespace = run.plan.content["components"][0]["name"], run.plan.content["namespace"]
    if earlier:
        world.actors.create_secret(namespace, f"{name}-settings", earlier)
    secret_values.enter(world.alice, run, name, {"TILL_TOKEN": CANARY})
    world.engine.drain()
    assert step(run, "configuration").state == StepState.DONE
    onboardings.cancel(world.alice, run, undo=True)
    world.engine.poll(3)
    assert namespace in world.actors.namespaces()
    values = world.actors.secret(namespace, f"{name}-settings")
    assert (values is None) == (not earlier), "a Secret with other values stays"
