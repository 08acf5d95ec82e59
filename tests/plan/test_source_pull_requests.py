"""The source host refuses a second branch or pull request of one name, so only a repeated attempt reads first."""

from datetime import UTC, datetime

import pytest

from engine import execution
from engine.models import EffectState, Step, StepState
from integrations.errors import Conflict
from integrations.source import NewFile, source
from onboarding.actions import onboardings
from onboarding.models import Onboarding, Plan
from tests.pages import rows
from tests.plan.world import World

SERVICE = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": "port = 8080\n"}


def start_proposed(world: World, name: str) -> tuple[Onboarding, Step]:
    """A run whose next step is the pull request."""
    world.push(name, SERVICE)
    plan: Plan = world.plan(f"acme/{name}")
    run, _ = onboardings.start(world.cast.alice, plan, plan.digest)
    rows.execute_until(run, "pull_request")
    return run, run.run.steps.get(name="pull_request")


def test_a_second_branch_or_pull_request_is_a_conflict(world: World) -> None:
    host = source()
    world.push("second", SERVICE)
    head = host.head("acme/second", "main")
    commit = host.commit("acme/second", head, [NewFile("NOTES", "text\n")], "Notes", datetime.now(UTC))
    host.branch("acme/second", "onramp/x", commit)
    with pytest.raises(Conflict):
        host.branch("acme/second", "onramp/x", commit)
    opened = host.open_pull("acme/second", "onramp/x", "main", "Notes", "")
    with pytest.raises(Conflict):
        host.open_pull("acme/second", "onramp/x", "main", "Notes", "")
    assert host.pull_of("acme/second", "onramp/x") == opened


def test_the_first_attempt_only_reads_which_repository_it_is(world: World) -> None:
    _, step = start_proposed(world, "first-try")
    world.sandbox.forget_requests()
    assert execution.execute(step.pk)
    step.refresh_from_db()
    assert step.state == StepState.DONE, (step.reason, step.detail)
    calls = [(request["method"], request["path"]) for request in world.request_log()]
    assert [path for method, path in calls if method != "POST"] == ["/github/api/v3/repos/acme/first-try"]


@pytest.mark.parametrize("lost", ["git/refs", "pulls"])
def test_a_lost_answer_leaves_one_pull_request(world: World, lost: str) -> None:
    name = f"lost-{lost.replace('/', '-')}"
    run, step = start_proposed(world, name)
    world.sandbox.fault("error-after", f"/github/api/v3/repos/acme/{name}/{lost}", method="POST", times=1)
    assert execution.execute(step.pk)
    step.refresh_from_db()
    assert step.state == StepState.WAITING, step.reason
    Step.objects.filter(pk=step.pk).update(due_at=run.run.created_at)
    assert execution.execute(step.pk)
    step.refresh_from_db()
    assert step.state == StepState.DONE, (step.reason, step.detail)
    assert set(step.effects.values_list("state", flat=True)) == {EffectState.MADE}
    assert len(world.github("GET", f"/repos/acme/{name}/pulls?state=all")) == 1


def test_an_open_pull_request_of_an_earlier_run_is_reused(world: World) -> None:
    run, step = start_proposed(world, "left-open")
    assert execution.execute(step.pk)
    onboardings.cancel(world.cast.alice, run)
    plan = Plan.objects.get(pk=run.plan_id)
    again, _ = onboardings.start(world.cast.alice, plan, plan.digest)
    rows.execute_until(again, "pull_request")
    reused = again.run.steps.get(name="pull_request")
    assert execution.execute(reused.pk)
    reused.refresh_from_db()
    step.refresh_from_db()
    assert reused.result == step.result


def test_an_outdated_pull_request_is_closed(world: World) -> None:
    run, step = start_proposed(world, "superseded")
    assert execution.execute(step.pk)
    onboardings.cancel(world.cast.alice, run)
    world.push("superseded", {"NOTES": "The repository moves on.\n"})
    plan: Plan = world.plan("acme/superseded")
    again, _ = onboardings.start(world.cast.alice, plan, plan.digest)
    rows.execute_until(again, "pull_request")
    assert execution.execute(again.run.steps.get(name="pull_request").pk)
    pulls = {pull["number"]: pull for pull in world.github("GET", "/repos/acme/superseded/pulls?state=all")}
    assert {number: pull["state"] for number, pull in pulls.items()} == {1: "closed", 2: "open"}


def test_an_outdated_pull_request_that_people_pushed_to_is_kept(world: World) -> None:
    run, step = start_proposed(world, "kept-open")
    assert execution.execute(step.pk)
    onboardings.cancel(world.cast.alice, run)
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
    again, _ = onboardings.start(world.cast.alice, plan, plan.digest)
    rows.execute_until(again, "pull_request")
    assert execution.execute(again.run.steps.get(name="pull_request").pk)
    pulls = world.github("GET", "/repos/acme/kept-open/pulls?state=open")
    assert {pull["number"] for pull in pulls} == {1, 2}
