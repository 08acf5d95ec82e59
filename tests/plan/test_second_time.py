"""The source host refuses a second branch or pull request of one name: the first try needs no look, a repeat finds it."""

from datetime import UTC, datetime

import pytest

from integrations import providers
from integrations.errors import Conflict
from integrations.source import NewFile
from onboarding import actions
from onboarding.engine import work
from onboarding.models import EffectState, Onboarding, Plan, Step, StepState
from tests.pages import rows
from tests.plan.world import World

SERVICE = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": "port = 8080\n"}


def started(world: World, name: str) -> tuple[Onboarding, Step]:
    """A run whose next step is the pull request."""
    world.push(name, SERVICE)
    plan: Plan = world.plan(f"acme/{name}")
    run, _ = actions.start(world.cast.alice, plan, plan.digest)
    rows.until(run, "pull_request")
    return run, run.run.steps.get(name="pull_request")


def test_a_second_one_is_a_conflict(world: World) -> None:
    source = providers.provider("source")
    world.push("second", SERVICE)
    head = source.head("acme/second", "main")
    commit = source.commit("acme/second", head, [NewFile("NOTES", "text\n")], "Notes", datetime.now(UTC))
    source.branch("acme/second", "onramp/x", commit)
    with pytest.raises(Conflict):
        source.branch("acme/second", "onramp/x", commit)
    opened = source.open_pull("acme/second", "onramp/x", "main", "Notes", "")
    with pytest.raises(Conflict):
        source.open_pull("acme/second", "onramp/x", "main", "Notes", "")
    assert source.pull_of("acme/second", "onramp/x") == opened


def test_the_first_try_asks_for_nothing(world: World) -> None:
    _, step = started(world, "first-try")
    world.sandbox.forget_requests()
    assert work.turn(step.pk)
    step.refresh_from_db()
    assert step.state == StepState.DONE, (step.reason, step.detail)
    assert {one["method"] for one in world.asked() if one["path"].startswith("/github/api/")} == {"POST"}


@pytest.mark.parametrize("lost", ["git/refs", "pulls"])
def test_an_answer_that_was_lost_leaves_one_of_each(world: World, lost: str) -> None:
    name = f"lost-{lost.replace('/', '-')}"
    run, step = started(world, name)
    world.sandbox.fault("error-after", f"/github/api/v3/repos/acme/{name}/{lost}", method="POST", times=1)
    assert work.turn(step.pk)
    step.refresh_from_db()
    assert step.state == StepState.WAITING, step.reason
    Step.objects.filter(pk=step.pk).update(due_at=run.run.created_at)
    assert work.turn(step.pk)
    step.refresh_from_db()
    assert step.state == StepState.DONE, (step.reason, step.detail)
    assert set(step.effects.values_list("state", flat=True)) == {EffectState.MADE}
    assert len(world.github("GET", f"/repos/acme/{name}/pulls?state=all")) == 1


def test_what_an_earlier_run_left_open_is_taken_up(world: World) -> None:
    run, step = started(world, "left-open")
    assert work.turn(step.pk)
    actions.cancel(world.cast.alice, run)
    plan = Plan.objects.get(pk=run.plan_id)
    again, _ = actions.start(world.cast.alice, plan, plan.digest)
    rows.until(again, "pull_request")
    taken = again.run.steps.get(name="pull_request")
    assert work.turn(taken.pk)
    taken.refresh_from_db()
    step.refresh_from_db()
    assert taken.result == step.result


def test_an_earlier_one_makes_way_for_a_newer_one(world: World) -> None:
    run, step = started(world, "superseded")
    assert work.turn(step.pk)
    actions.cancel(world.cast.alice, run)
    world.push("superseded", {"NOTES": "The repository moves on.\n"})
    plan: Plan = world.plan("acme/superseded")
    again, _ = actions.start(world.cast.alice, plan, plan.digest)
    rows.until(again, "pull_request")
    assert work.turn(again.run.steps.get(name="pull_request").pk)
    pulls = {one["number"]: one for one in world.github("GET", "/repos/acme/superseded/pulls?state=all")}
    assert {number: one["state"] for number, one in pulls.items()} == {1: "closed", 2: "open"}


def test_an_earlier_one_that_people_pushed_to_stays(world: World) -> None:
    run, step = started(world, "kept-open")
    assert work.turn(step.pk)
    actions.cancel(world.cast.alice, run)
    branch = str(run.plan.content["branch"])
    base = "/repos/acme/kept-open/git"
    head = world.github("GET", f"{base}/ref/heads/{branch}")["object"]["sha"]
    tree = world.github(
        "POST",
        f"{base}/trees",
        {"base_tree": head, "tree": [{"path": "OURS", "mode": "100644", "type": "blob", "content": "x"}]},
    )
    commit = world.github("POST", f"{base}/commits", {"message": "Mine", "tree": tree["sha"], "parents": [head]})
    world.github("PATCH", f"{base}/refs/heads/{branch}", {"sha": commit["sha"]})
    world.push("kept-open", {"NOTES": "The repository moves on.\n"})
    plan: Plan = world.plan("acme/kept-open")
    again, _ = actions.start(world.cast.alice, plan, plan.digest)
    rows.until(again, "pull_request")
    assert work.turn(again.run.steps.get(name="pull_request").pk)
    pulls = world.github("GET", "/repos/acme/kept-open/pulls?state=open")
    assert {one["number"] for one in pulls} == {1, 2}
