"""Blockers in the repository: each stops the run with a sentence and clears once its condition holds."""

import pytest

from catalog.models import Repository
from engine.models import Move, RunState, StepState
from onboarding.models import BlockerState
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of

ADMIN = "onramp-bot"


@pytest.mark.parametrize("level", ["read", "none"])
def test_missing_write_access_blocks_until_it_is_granted(world: World, level: str) -> None:
    name = world.actors.repository()
    if level == "none":
        world.actors.github("PATCH", f"/repos/{name}", {"private": True}, person=ADMIN)
    run = world.start(name)
    world.engine.limit_to("access")
    world.actors.change_settings(name, "access", level)
    world.engine.drain()
    blocker = blocker_of(run, "access")
    assert (blocker.kind, blocker.owner) == ("source-access", Move.PLATFORM)
    assert blocker.summary == f"Onramp cannot write to {name}"
    assert "write to it" in blocker.clears_when
    assert len(world.actors.tickets(name)) == 1
    world.engine.poll(2)
    assert step(run, "access").state == StepState.BLOCKED, "nothing was granted yet"
    world.actors.change_settings(name, "access", "admin")
    world.engine.poll()
    assert step(run, "access").state == StepState.DONE


@pytest.mark.parametrize("late", [False, True], ids=["before the run", "before the pull request"])
def test_the_team_must_unarchive_an_archived_repository(world: World, late: bool) -> None:
    name = world.actors.repository()
    run = world.start(name)
    if late:
        world.engine.limit_to("pipeline", "delivery", "metrics", "logs")
        world.engine.drain()
    world.engine.limit_to("pull_request" if late else "access")
    world.actors.github("PATCH", f"/repos/{name}", {"archived": True}, person=ADMIN)
    world.engine.drain()
    blocked_step = "pull_request" if late else "access"
    blocker = blocker_of(run, blocked_step)
    assert (blocker.kind, blocker.owner, blocker.ticket_key) == ("repository-archived", Move.TEAM, "")
    assert not world.actors.tickets(name)
    world.engine.poll()
    assert step(run, blocked_step).state == StepState.BLOCKED
    assert "still archived" in watch_of(blocker).reason
    world.actors.github("PATCH", f"/repos/{name}", {"archived": False}, person=ADMIN)
    world.engine.poll()
    assert step(run, blocked_step).state == StepState.DONE


def test_a_rule_that_forbids_the_branch_is_reported_and_watched(world: World) -> None:
    name = world.actors.repository()
    rule: dict[str, object] = {
        "required_status_checks": None,
        "enforce_admins": True,
        "required_pull_request_reviews": None,
        "restrictions": {"users": [], "teams": []},
        "block_creations": True,
    }
    path = f"/repos/{name}/branches/onramp/*/protection"
    world.actors.github("PUT", path, rule, person=ADMIN)
    world.engine.limit_to("pull_request")
    run = world.start(name)
    world.engine.drain()
    blocker = blocker_of(run, "pull_request")
    assert (blocker.kind, blocker.owner, blocker.ticket_key) == ("branch-protected", Move.TEAM, "")
    assert "onramp/" in blocker.summary
    world.engine.poll()
    assert step(run, "pull_request").state == StepState.BLOCKED
    world.actors.github("DELETE", path, person=ADMIN)
    world.engine.poll()
    assert step(run, "pull_request").state == StepState.DONE
    assert not world.actors.tickets(name)


def test_a_branch_in_use_is_not_overwritten(world: World) -> None:
    name = world.actors.repository()
    run = world.start(name)
    branch = str(run.plan.content["branch"])
    world.actors.take_branch(name, branch)
    world.engine.limit_to("pull_request")
    world.engine.drain()
    blocker = blocker_of(run, "pull_request")
    assert (blocker.kind, blocker.owner, blocker.ticket_key) == ("branch-taken", Move.TEAM, "")
    assert branch in blocker.summary
    world.engine.poll()
    assert step(run, "pull_request").state == StepState.BLOCKED
    assert not world.actors.pulls(name)
    world.actors.github("DELETE", f"/repos/{name}/git/refs/heads/{branch}")
    world.engine.poll()
    assert step(run, "pull_request").state == StepState.DONE
    assert len(world.actors.pulls(name)) == 1


def unowned_repository(world: World) -> str:
    """A repository that Alice may write to, but that no team owns."""
    name = world.actors.repository(person=ADMIN)
    world.actors.github("PUT", f"/repos/{name}/collaborators/alice", {"permission": "push"}, person=ADMIN)
    return name


@pytest.mark.parametrize("way", ["team", "CODEOWNERS"])
def test_a_repository_without_an_owning_team_blocks_until_it_has_one(world: World, way: str) -> None:
    name = unowned_repository(world)
    plan = world.plan(name)
    assert [predicted["kind"] for predicted in plan.content["predicted_blockers"]] == ["no-owning-team"]
    run = world.start(name)
    world.engine.limit_to("access")
    world.engine.drain()
    blocker = blocker_of(run, "access")
    assert (blocker.kind, blocker.owner) == ("no-owning-team", Move.PLATFORM)
    assert "CODEOWNERS" in blocker.clears_when
    assert len(world.actors.tickets(name)) == 1
    world.engine.poll()
    assert step(run, "access").state == StepState.BLOCKED
    if way == "team":
        path = f"/orgs/acme/teams/storefront/repos/{name}"
        world.actors.github("PUT", path, {"permission": "push"}, person=ADMIN)
    else:
        world.actors.push(name, {"CODEOWNERS": "* @acme/storefront\n"})
    world.engine.poll()
    assert step(run, "access").state == StepState.DONE
    blocker.refresh_from_db()
    assert blocker.state == BlockerState.CLEARED
    assert Repository.objects.get(name=name.partition("/")[2]).team == run.team


def test_a_team_named_only_in_codeowners_owns_the_repository(world: World) -> None:
    name = unowned_repository(world)
    world.actors.push(name, {"CODEOWNERS": "* @acme/storefront\n"})
    run = world.start(name)
    assert not run.plan.content["predicted_blockers"]
    world.engine.limit_to("access")
    world.engine.drain()
    assert step(run, "access").state == StepState.DONE


def test_a_run_ends_when_its_repository_turns_out_to_belong_to_another_team(world: World) -> None:
    name = unowned_repository(world)
    run = world.start(name)
    world.engine.drain()
    assert blocker_of(run, "access").kind == "no-owning-team"
    world.actors.github("PUT", f"/orgs/acme/teams/payments/repos/{name}", {"permission": "push"}, person=ADMIN)
    world.engine.poll()
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    assert "belongs to Payments" in step(run, "access").reason
