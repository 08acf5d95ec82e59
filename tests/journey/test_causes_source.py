"""Causes that lie with the repository: each stops the run in words, and lets it go once its condition holds."""

import pytest

from catalog.models import Repository
from onboarding.models import BlockerState, Move, RunState, StepState
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of

ADMIN = "onramp-bot"


@pytest.mark.parametrize("level", ["read", "none"])
def test_missing_access_waits_for_the_right_to_write(world: World, level: str) -> None:
    name = world.hands.repository()
    if level == "none":
        world.hands.github("PATCH", f"/repos/{name}", {"private": True}, person=ADMIN)
    run = world.start(name)
    world.engine.only("access")
    world.hands.settings(name, "access", level)
    world.engine.go()
    cause = blocker_of(run, "access")
    assert (cause.kind, cause.owner) == ("source-access", Move.PLATFORM)
    assert cause.summary == f"Onramp may not write to {name}"
    assert "right to write" in cause.clears_when or "may write" in cause.clears_when
    assert len(world.hands.tickets(name)) == 1
    world.engine.look(2)
    assert step(run, "access").state == StepState.BLOCKED, "nothing was granted yet"
    world.hands.settings(name, "access", "admin")
    world.engine.look()
    assert step(run, "access").state == StepState.DONE


@pytest.mark.parametrize("late", [False, True], ids=["before the run", "before the pull request"])
def test_an_archived_repository_is_the_teams_to_unarchive(world: World, late: bool) -> None:
    name = world.hands.repository()
    run = world.start(name)
    if late:
        world.engine.only("pipeline", "delivery", "metrics", "logs")
        world.engine.go()
    world.engine.only("pull_request" if late else "access")
    world.hands.github("PATCH", f"/repos/{name}", {"archived": True}, person=ADMIN)
    world.engine.go()
    place = "pull_request" if late else "access"
    cause = blocker_of(run, place)
    assert (cause.kind, cause.owner, cause.ticket_key) == ("repository-archived", Move.TEAM, "")
    assert not world.hands.tickets(name)
    world.engine.look()
    assert step(run, place).state == StepState.BLOCKED
    assert "still archived" in watch_of(cause).reason
    world.hands.github("PATCH", f"/repos/{name}", {"archived": False}, person=ADMIN)
    world.engine.look()
    assert step(run, place).state == StepState.DONE


def test_a_rule_that_forbids_the_branch_is_named_and_watched(world: World) -> None:
    name = world.hands.repository()
    rule: dict[str, object] = {
        "required_status_checks": None,
        "enforce_admins": True,
        "required_pull_request_reviews": None,
        "restrictions": {"users": [], "teams": []},
        "block_creations": True,
    }
    path = f"/repos/{name}/branches/onramp/*/protection"
    world.hands.github("PUT", path, rule, person=ADMIN)
    world.engine.only("pull_request")
    run = world.start(name)
    world.engine.go()
    cause = blocker_of(run, "pull_request")
    assert (cause.kind, cause.owner, cause.ticket_key) == ("branch-protected", Move.TEAM, "")
    assert "onramp/" in cause.summary
    world.engine.look()
    assert step(run, "pull_request").state == StepState.BLOCKED
    world.hands.github("DELETE", path, person=ADMIN)
    world.engine.look()
    assert step(run, "pull_request").state == StepState.DONE
    assert not world.hands.tickets(name)


def test_a_branch_that_somebody_uses_is_not_overwritten(world: World) -> None:
    name = world.hands.repository()
    run = world.start(name)
    branch = str(run.plan.content["branch"])
    world.hands.take_branch(name, branch)
    world.engine.only("pull_request")
    world.engine.go()
    cause = blocker_of(run, "pull_request")
    assert (cause.kind, cause.owner, cause.ticket_key) == ("branch-taken", Move.TEAM, "")
    assert branch in cause.summary
    world.engine.look()
    assert step(run, "pull_request").state == StepState.BLOCKED
    assert not world.hands.pulls(name)
    world.hands.github("DELETE", f"/repos/{name}/git/refs/heads/{branch}")
    world.engine.look()
    assert step(run, "pull_request").state == StepState.DONE
    assert len(world.hands.pulls(name)) == 1


def unowned(world: World) -> str:
    """Alice may write to it, but no team answers for it."""
    name = world.hands.repository(person=ADMIN)
    world.hands.github("PUT", f"/repos/{name}/collaborators/alice", {"permission": "push"}, person=ADMIN)
    return name


@pytest.mark.parametrize("way", ["team", "CODEOWNERS"])
def test_a_repository_without_an_owning_team_waits_for_one(world: World, way: str) -> None:
    name = unowned(world)
    plan = world.plan(name)
    assert [one["kind"] for one in plan.content["foreseen"]] == ["no-owning-team"]
    run = world.start(name)
    world.engine.only("access")
    world.engine.go()
    cause = blocker_of(run, "access")
    assert (cause.kind, cause.owner) == ("no-owning-team", Move.PLATFORM)
    assert "CODEOWNERS" in cause.clears_when
    assert len(world.hands.tickets(name)) == 1
    world.engine.look()
    assert step(run, "access").state == StepState.BLOCKED
    if way == "team":
        path = f"/orgs/acme/teams/storefront/repos/{name}"
        world.hands.github("PUT", path, {"permission": "push"}, person=ADMIN)
    else:
        world.hands.push(name, {"CODEOWNERS": "* @acme/storefront\n"})
    world.engine.look()
    assert step(run, "access").state == StepState.DONE
    cause.refresh_from_db()
    assert cause.state == BlockerState.CLEARED
    assert Repository.objects.get(name=name.partition("/")[2]).team == run.team


def test_a_team_that_stands_only_in_codeowners_owns_the_repository(world: World) -> None:
    name = unowned(world)
    world.hands.push(name, {"CODEOWNERS": "* @acme/storefront\n"})
    run = world.start(name)
    assert not run.plan.content["foreseen"]
    world.engine.only("access")
    world.engine.go()
    assert step(run, "access").state == StepState.DONE


def test_another_teams_repository_ends_the_run_with_that_reason(world: World) -> None:
    name = unowned(world)
    run = world.start(name)
    world.engine.go()
    assert blocker_of(run, "access").kind == "no-owning-team"
    world.hands.github("PUT", f"/orgs/acme/teams/payments/repos/{name}", {"permission": "push"}, person=ADMIN)
    world.engine.look()
    run.run.refresh_from_db()
    assert run.run.state == RunState.REFUSED
    assert "belongs to Payments" in step(run, "access").reason
