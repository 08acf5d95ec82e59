"""Pull requests that are closed, and then opened again or merged after all."""

import pytest

from engine.models import RunState, StepState
from events.models import Event
from integrations.webhooks import WebhookEvent
from onboarding.actions import onboardings, reopening, undos
from onboarding.models import Onboarding
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step


def declined(world: World) -> tuple[str, Onboarding, int]:
    """A run that ended because somebody closed its pull request."""
    name = world.actors.repository()
    world.actors.change_settings(name, "next-runs", "success")
    run = world.start(name)
    world.engine.limit_to("merge")
    world.engine.drain()
    number = int(world.actors.pulls(name)[0]["number"])
    world.actors.github("PATCH", f"/repos/{name}/pulls/{number}", {"state": "closed"})
    world.engine.poll()
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    return name, run, number


def report(run: Onboarding, action: str, **data: object) -> None:
    """What the source host's webhook becomes."""
    reopening.on_event(WebhookEvent(f"host.pull_request.{action}", "", run.run.topic, dict(data)))


def newest(run: Onboarding) -> Onboarding:
    return Onboarding.objects.filter(repository=run.repository).order_by("-run__created_at")[0]


@pytest.mark.parametrize("merged", [False, True], ids=["open again", "merged at once"])
def test_the_plan_continues_as_a_new_run(world: World, merged: bool) -> None:
    name, run, number = declined(world)
    world.actors.github("PATCH", f"/repos/{name}/pulls/{number}", {"state": "open"})
    if merged:
        world.actors.merge(name, number)
    report(run, "closed" if merged else "reopened", pull=number, merged=merged)
    continued = newest(run)
    assert continued != run
    assert (continued.plan, continued.person, continued.agreed_by) == (run.plan, run.person, run.agreed_by)
    world.engine.poll(2)
    assert step(continued, "merge").state == (StepState.DONE if merged else StepState.WAITING)
    assert [pull["number"] for pull in world.actors.pulls(name)] == [number], "the same pull request, and no other"
    report(run, "reopened", pull=number)
    assert newest(run) == continued, "the webhook may come twice"


@pytest.mark.parametrize(
    ("action", "data"),
    [("closed", {"merged": False}), ("reopened", {"pull": 4711}), ("edited", {}), ("reopened", {"pull": None})],
    ids=["only closed", "another one", "edited", "no number"],
)
def test_nothing_else_continues_a_run(world: World, action: str, data: dict[str, object]) -> None:
    _, run, number = declined(world)
    report(run, action, **{"pull": number, **data})
    assert newest(run) == run


def test_closing_and_opening_again_and_again_comes_to_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name, run, number = declined(world)
    monkeypatch.setattr(reopening, "MOST_RUNS", 2)
    for _ in range(3):
        world.actors.github("PATCH", f"/repos/{name}/pulls/{number}", {"state": "open"})
        report(run, "reopened", pull=number)
        world.actors.github("PATCH", f"/repos/{name}/pulls/{number}", {"state": "closed"})
        world.engine.poll(2)
    assert Onboarding.objects.filter(plan=run.plan).count() == 2


def test_a_run_that_was_cancelled_stays_cancelled(world: World) -> None:
    name = world.actors.repository()
    run = world.start(name)
    world.engine.limit_to("pull_request")
    world.engine.drain()
    onboardings.cancel(world.alice, run)
    report(run, "reopened", pull=int(world.actors.pulls(name)[0]["number"]))
    assert newest(run) == run


def test_a_decision_of_the_platform_is_not_undone_by_a_pull_request(world: World) -> None:
    name = world.actors.repository()
    world.actors.change_settings(name, "next-runs", "queued")
    run = world.start(name)
    world.engine.limit_to("build")
    world.engine.drain()
    world.engine.exhaust_patience(run, "build")
    world.engine.poll(2)
    world.actors.press(blocker_of(run, "build").ticket_key, "wont-do", comment="No more runners.")
    world.engine.poll(2)
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    report(run, "reopened", pull=int(world.actors.pulls(name)[0]["number"]))
    assert newest(run) == run


def test_a_plan_that_cannot_continue_says_so(world: World) -> None:
    _, run, number = declined(world)
    undos.start(world.alice, run)
    report(run, "reopened", pull=number)
    assert newest(run) == run
    event = Event.objects.get(type="onramp.onboarding.not_continued")
    assert "being undone" in event.data["reason"]
