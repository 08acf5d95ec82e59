"""People make unexpected changes at the source host while a run is in progress."""

import pytest

from engine.models import RunState, StepState
from onboarding.models import Onboarding
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step

PULLS = "/github/api/v3/repos/*/pulls"


def started_until_build(world: World, name: str) -> Onboarding:
    """An onboarding whose pull request is open, and which waits for its build."""
    run = world.start(name)
    world.engine.limit_to("build")
    world.engine.drain()
    assert step(run, "build").state == StepState.WAITING, step(run, "build").reason
    return run


def branch_of(run: Onboarding, name: str) -> str:
    return f"/repos/{name}/git/refs/heads/{run.plan.content['branch']}"


@pytest.mark.fault(10, "deletes the branch")
def test_a_deleted_branch_declines_the_onboarding(busy_world: World) -> None:
    """The source host closes the pull request together with its branch."""
    name = busy_world.actors.repository()
    run = started_until_build(busy_world, name)
    busy_world.actors.github("DELETE", branch_of(run, name))
    busy_world.engine.poll()
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    assert "closed without being merged" in step(run, "build").reason
    assert busy_world.start(name).pk != run.pk, "a new plan offers it again"


@pytest.mark.fault(10, "deletes the branch")
def test_a_branch_that_was_deleted_before_its_pull_request_is_created_again(busy_world: World) -> None:
    name = busy_world.actors.repository()
    run = busy_world.start(name)
    busy_world.engine.limit_to("pull_request")
    busy_world.sandbox.fault("error-before", PULLS, method="POST", status=502)
    busy_world.engine.drain()
    assert step(run, "pull_request").state == StepState.WAITING
    busy_world.actors.github("DELETE", branch_of(run, name))
    busy_world.sandbox.behave()
    busy_world.engine.poll(4)
    pull_request = step(run, "pull_request")
    assert pull_request.state == StepState.DONE, (pull_request.reason, pull_request.detail)
    (pull,) = busy_world.actors.pulls(name)
    assert pull["state"] == "open"


@pytest.mark.fault(10, "force-pushes the branch")
def test_after_a_force_push_the_new_commit_is_built(busy_world: World) -> None:
    name = busy_world.actors.repository()
    run = started_until_build(busy_world, name)
    (pull,) = busy_world.actors.pulls(name)
    ours = busy_world.actors.github("GET", f"/repos/{name}/git/commits/{pull['head']['sha']}")
    body = {"message": "Mine", "tree": ours["tree"]["sha"], "parents": [ours["parents"][0]["sha"]]}
    forced = busy_world.actors.github("POST", f"/repos/{name}/git/commits", body)["sha"]
    busy_world.actors.github("PATCH", branch_of(run, name), {"sha": forced, "force": True})
    busy_world.engine.poll_until(lambda: step(run, "build").state == StepState.DONE, "the forced commit to be built")
    built = step(run, "build").result
    assert built["head"] == forced
    assert {build["id"]: build["head_sha"] for build in busy_world.actors.builds(name)}[built["build"]] == forced
    assert len(busy_world.actors.pulls(name)) == 1


@pytest.mark.fault(9, "token expired in the middle")
def test_a_step_continues_after_a_token_expired_between_two_of_its_calls(busy_world: World) -> None:
    """The commit and the branch were created with the old token; the pull request is created with a new one."""
    name = busy_world.actors.repository()
    run = busy_world.start(name)
    busy_world.engine.limit_to("pull_request")
    busy_world.sandbox.fault("error-before", PULLS, method="POST", status=401)
    busy_world.sandbox.fault("error-before", "/github/api/v3/rate_limit", status=401)
    busy_world.engine.drain()
    assert blocker_of(run, "pull_request").kind == "credentials"
    busy_world.engine.poll()
    assert step(run, "pull_request").state == StepState.BLOCKED
    busy_world.sandbox.behave()
    busy_world.engine.poll(2)
    assert step(run, "pull_request").state == StepState.DONE
    assert len(busy_world.actors.pulls(name)) == 1
