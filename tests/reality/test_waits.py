"""Waits for others: each says whose move it is, and becomes somebody's after a while."""

import pytest

from engine.models import Move, StepState
from onboarding.models import Onboarding
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step

ADMIN = "onramp-bot"


def start_with(world: World, fate: str, *, until: str = "build") -> tuple[str, Onboarding]:
    """A repository whose builds end like this, and a run that has got to this step."""
    name = world.actors.repository()
    world.actors.change_settings(name, "next-runs", fate)
    run = world.start(name)
    world.engine.limit_to(until)
    world.engine.drain()
    return name, run


def start_merged(world: World, **how: str) -> tuple[str, Onboarding]:
    """A run whose pull request was merged like this, and whose default branch has a build that nobody runs."""
    name, run = start_with(world, "success", until="merge")
    world.actors.change_settings(name, "next-runs", "queued")
    world.actors.merge(name, int(world.actors.pulls(name)[0]["number"]), **how)
    world.engine.limit_to("release")
    world.engine.poll()
    assert step(run, "merge").state == StepState.DONE
    return name, run


def test_a_build_that_no_runner_takes_becomes_the_platforms_move(world: World) -> None:
    name, run = start_with(world, "queued")
    assert step(run, "build").reason == "The build is queued: no runner has taken it yet."
    world.engine.exhaust_patience(run, "build")
    world.engine.poll(2)
    blocker = blocker_of(run, "build")
    assert (blocker.kind, blocker.owner) == ("build-queued", Move.PLATFORM)
    assert world.actors.tickets(name) == [blocker.ticket_key]
    build = world.actors.builds(name, "?event=pull_request")[0]
    world.actors.github("POST", f"/repos/{name}/actions/runs/{build['id']}/cancel", person=ADMIN)


def test_a_build_that_waits_for_approval_says_what_to_approve(world: World) -> None:
    _, run = start_with(world, "waiting")
    row = step(run, "build")
    assert (row.state, row.move) == (StepState.WAITING, Move.TEAM)
    assert row.reason.endswith("waits for approval for the environment production by alice.")


def test_a_first_run_that_must_be_approved_says_so(world: World) -> None:
    _, run = start_with(world, "action_required")
    row = step(run, "build")
    assert (row.state, row.move) == (StepState.WAITING, Move.TEAM)
    assert "the approval of somebody with the right to give it" in row.reason


def test_a_cancelled_build_is_not_repeated(world: World) -> None:
    name, run = start_with(world, "cancelled")
    world.engine.poll(3)
    row = step(run, "build")
    assert (row.state, row.move) == (StepState.WAITING, Move.TEAM)
    assert "was cancelled" in row.reason
    assert [build["run_attempt"] for build in world.actors.builds(name, "?event=pull_request")] == [1]


@pytest.mark.parametrize(("allowed", "owner"), [("all", Move.TEAM), ("selected", Move.PLATFORM)])
def test_a_build_that_cannot_start_is_shown_as_that(world: World, allowed: str, owner: Move) -> None:
    """GitHub refuses to run it again, which must not hide the cause."""
    name = world.actors.repository()
    world.actors.change_settings(name, "next-runs", "startup_failure")
    permissions = {"enabled": True, "allowed_actions": allowed}
    world.actors.github("PUT", f"/repos/{name}/actions/permissions", permissions, person=ADMIN)
    run = world.start(name)
    world.engine.limit_to("build")
    world.engine.drain()
    blocker = blocker_of(run, "build")
    assert (blocker.kind, blocker.owner) == ("build-invalid", owner)
    assert "could not start" in blocker.summary
    assert ("which actions may be used" in blocker.explanation) == (owner == Move.PLATFORM)
    world.actors.change_settings(name, "next-runs", "success")
    world.actors.push(name, {"more.txt": "x\n"}, branch=str(run.plan.content["branch"]))
    world.engine.poll(2)
    assert step(run, "build").state == StepState.DONE


def test_a_merge_that_starts_no_build_says_why(world: World) -> None:
    name, run = start_merged(world, commit_title="Add Onramp [skip ci]")
    assert step(run, "release").reason == "Waiting for the pipeline of main to start."
    world.engine.exhaust_patience(run, "release")
    world.engine.poll(2)
    blocker = blocker_of(run, "release")
    assert (blocker.kind, blocker.owner) == ("build-not-started", Move.TEAM)
    assert "contains [skip ci]" in blocker.explanation
    world.actors.push(name, {"more.txt": "x\n"})
    world.engine.poll(2)
    assert step(run, "release").state == StepState.WAITING
    assert "queued" in step(run, "release").reason, "the build of the later commit counts"


def test_what_explains_a_cause_does_not_hide_it(world: World) -> None:
    """Only administrators see whether Actions are enabled, and which are allowed."""
    name, run = start_merged(world, commit_title="Add Onramp [skip ci]")
    world.actors.change_settings(name, "access", "write")
    world.engine.exhaust_patience(run, "release")
    world.engine.poll()
    assert "contains [skip ci]" in blocker_of(run, "release").explanation


def test_a_workflow_that_was_disabled_is_named(world: World) -> None:
    name, run = start_with(world, "success", until="merge")
    workflow = world.actors.builds(name)[0]["workflow_id"]
    world.actors.github("PUT", f"/repos/{name}/actions/workflows/{workflow}/disable")
    world.actors.merge(name, int(world.actors.pulls(name)[0]["number"]))
    world.engine.limit_to("release")
    world.engine.poll()
    world.engine.exhaust_patience(run, "release")
    world.engine.poll()
    assert "The workflow is disabled manually." in blocker_of(run, "release").explanation


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_the_build_of_a_squashed_or_rebased_merge_is_found(world: World, method: str) -> None:
    _, run = start_merged(world, merge_method=method)
    assert "queued" in step(run, "release").reason


def test_a_later_push_that_does_not_contain_the_merge_does_not_count(world: World) -> None:
    """Somebody resets the branch to before the merge, and pushes something else."""
    name, run = start_with(world, "success", until="merge")
    before = world.actors.github("GET", f"/repos/{name}/git/ref/heads/main")["object"]["sha"]
    world.actors.merge(name, int(world.actors.pulls(name)[0]["number"]), commit_title="Add [skip ci]")
    world.actors.github("PATCH", f"/repos/{name}/git/refs/heads/main", {"sha": before, "force": True})
    world.actors.push(name, {"more.txt": "x\n"})
    world.engine.limit_to("release")
    world.engine.poll()
    assert step(run, "release").reason == "Waiting for the pipeline of main to start."


def test_more_workflows_than_a_page_has_runs_do_not_hide_ours(world: World) -> None:
    name = world.actors.repository()
    workflow = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}}\n"
    world.actors.push(name, {f".github/workflows/other-{number}.yml": workflow for number in range(25)})
    world.actors.change_settings(name, "next-runs", "success")
    run = world.start(name)
    world.engine.limit_to("merge")
    world.engine.drain()
    assert step(run, "build").state == StepState.DONE


def test_what_the_branchs_rules_still_require_is_named(world: World) -> None:
    name = world.actors.repository()
    rules = {
        "required_pull_request_reviews": {"required_approving_review_count": 2},
        "required_status_checks": {"strict": False, "contexts": ["security/scan"]},
        "enforce_admins": True,
        "restrictions": None,
    }
    world.actors.github("PUT", f"/repos/{name}/branches/main/protection", rules, person=ADMIN)
    world.actors.change_settings(name, "next-runs", "success")
    run = world.start(name)
    world.engine.limit_to("merge")
    world.engine.drain()
    reason = step(run, "merge").reason
    assert "it needs 2 approving reviews and has none" in reason
    assert "the required check security/scan has not reported" in reason
