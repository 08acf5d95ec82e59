"""Somebody does by hand what nobody expects, at the source host, while a run is under way."""

import pytest

from onboarding.models import Onboarding, RunState, StepState
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step

PULLS = "/github/api/v3/repos/*/pulls"


def proposed(world: World, name: str) -> Onboarding:
    """Its pull request is open, and its build is waited for."""
    run = world.start(name)
    world.engine.only("build")
    world.engine.go()
    assert step(run, "build").state == StepState.WAITING, step(run, "build").reason
    return run


def branch_of(run: Onboarding, name: str) -> str:
    return f"/repos/{name}/git/refs/heads/{run.plan.content['branch']}"


@pytest.mark.fault(10, "deletes the branch")
def test_a_deleted_branch_declines_the_onboarding(busy_world: World) -> None:
    """The source host closes the pull request with it."""
    name = busy_world.hands.repository()
    run = proposed(busy_world, name)
    busy_world.hands.github("DELETE", branch_of(run, name))
    busy_world.engine.look()
    run.run.refresh_from_db()
    assert run.run.state == RunState.REFUSED
    assert "closed without being merged" in step(run, "build").reason
    assert busy_world.start(name).pk != run.pk, "a new plan offers it again"


@pytest.mark.fault(10, "deletes the branch")
def test_a_branch_deleted_before_its_pull_request_is_made_again(busy_world: World) -> None:
    name = busy_world.hands.repository()
    run = busy_world.start(name)
    busy_world.engine.only("pull_request")
    busy_world.sandbox.fault("error-before", PULLS, method="POST", status=502)
    busy_world.engine.go()
    assert step(run, "pull_request").state == StepState.WAITING
    busy_world.hands.github("DELETE", branch_of(run, name))
    busy_world.sandbox.behave()
    busy_world.engine.look(4)
    found = step(run, "pull_request")
    assert found.state == StepState.DONE, (found.reason, found.detail)
    (pull,) = busy_world.hands.pulls(name)
    assert pull["state"] == "open"


@pytest.mark.fault(10, "force-pushes the branch")
def test_a_forced_push_is_what_is_built_from_then_on(busy_world: World) -> None:
    name = busy_world.hands.repository()
    run = proposed(busy_world, name)
    (pull,) = busy_world.hands.pulls(name)
    mine = busy_world.hands.github("GET", f"/repos/{name}/git/commits/{pull['head']['sha']}")
    body = {"message": "Mine", "tree": mine["tree"]["sha"], "parents": [mine["parents"][0]["sha"]]}
    forced = busy_world.hands.github("POST", f"/repos/{name}/git/commits", body)["sha"]
    busy_world.hands.github("PATCH", branch_of(run, name), {"sha": forced, "force": True})
    busy_world.engine.until(lambda: step(run, "build").state == StepState.DONE, "the forced commit to be built")
    built = step(run, "build").result
    assert built["head"] == forced
    assert {one["id"]: one["head_sha"] for one in busy_world.hands.builds(name)}[built["build"]] == forced
    assert len(busy_world.hands.pulls(name)) == 1


@pytest.mark.fault(9, "token expired in the middle")
def test_a_token_that_expires_between_two_calls_of_a_step(busy_world: World) -> None:
    """Commit and branch are made with it, the pull request is not; with a new one the step goes on from there."""
    name = busy_world.hands.repository()
    run = busy_world.start(name)
    busy_world.engine.only("pull_request")
    busy_world.sandbox.fault("error-before", PULLS, method="POST", status=401)
    busy_world.sandbox.fault("error-before", "/github/api/v3/rate_limit", status=401)
    busy_world.engine.go()
    assert blocker_of(run, "pull_request").kind == "credentials"
    busy_world.engine.look()
    assert step(run, "pull_request").state == StepState.BLOCKED
    busy_world.sandbox.behave()
    busy_world.engine.look(2)
    assert step(run, "pull_request").state == StepState.DONE
    assert len(busy_world.hands.pulls(name)) == 1
