"""Blockers in the repository: each stops the run with a sentence and clears once its condition holds."""

import pytest

from catalog import ownership
from catalog.models import Membership, Ownership, Person, Repository
from engine.models import Move, RunState, StepState
from onboarding.actions import onboardings
from onboarding.actions.rights import NoRight
from onboarding.models import BlockerState
from tests.conftest import signed_up
from tests.journey.actors import SERVICE
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


def test_another_repository_of_the_same_name_clears_nothing(world: World) -> None:
    name = world.actors.repository()
    run = world.start(name)
    world.engine.limit_to("access")
    world.actors.change_settings(name, "rename", f"{name.partition('/')[2]}-before")
    world.actors.change_settings(f"{name}-before", "access", "read")
    world.actors.github("POST", "/orgs/acme/repos", {"name": name.partition("/")[2], "auto_init": True})
    world.actors.push(name, SERVICE)
    world.engine.poll(2)
    blocker = blocker_of(run, "access")
    assert step(run, "access").state == StepState.BLOCKED
    second = world.start(name)
    world.actors.change_settings(name, "access", "read")
    world.engine.drain()
    assert blocker_of(second, "access").pk != blocker.pk
    world.actors.change_settings(f"{name}-before", "access", "admin")
    world.engine.poll()
    assert (step(run, "access").state, step(second, "access").state) == (StepState.DONE, StepState.BLOCKED)


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


@pytest.mark.parametrize("way", ["team", "catalog"])
def test_a_repository_without_an_owning_team_blocks_until_it_has_one(world: World, way: str) -> None:
    name = unowned_repository(world)
    plan = world.plan(name)
    assert [predicted["kind"] for predicted in plan.content["predicted_blockers"]] == ["no-owning-team"]
    run = world.start(name)
    world.engine.limit_to("access")
    world.engine.drain()
    blocker = blocker_of(run, "access")
    assert (blocker.kind, blocker.owner) == ("no-owning-team", Move.PLATFORM)
    assert len(world.actors.tickets(name)) == 1
    world.engine.poll()
    assert step(run, "access").state == StepState.BLOCKED
    if way == "team":
        path = f"/orgs/acme/teams/storefront/repos/{name}"
        world.actors.github("PUT", path, {"permission": "push"}, person=ADMIN)
    else:
        assert run.team is not None
        ownership.decide(run.repository, run.team, Ownership.CATALOG)
    world.engine.poll()
    assert step(run, "access").state == StepState.DONE
    blocker.refresh_from_db()
    assert blocker.state == BlockerState.CLEARED
    assert Repository.objects.get(name=name.partition("/")[2]).team == run.team


def test_a_file_of_the_repository_never_lets_a_run_into_another_teams_namespace(world: World) -> None:
    """One line in one's own CODEOWNERS used to put one's pipeline into the RoleBinding of any team."""
    name = unowned_repository(world)
    world.actors.push(name, {"CODEOWNERS": "* @acme/payments\n"})
    plan = world.plan(name)
    assert [predicted["kind"] for predicted in plan.content["predicted_blockers"]] == ["team-agreement"]
    run = world.start(name)
    world.engine.drain()
    world.engine.poll()
    assert (step(run, "access").state, step(run, "namespace").state) == (StepState.BLOCKED, StepState.NOT_STARTED)
    assert blocker_of(run, "access").kind == "team-agreement"
    assert Repository.objects.get(pk=run.repository_id).team is None
    with pytest.raises(NoRight):
        onboardings.agree(world.alice, run)
    with pytest.raises(NoRight):
        onboardings.agree(Person.objects.create_user("bob-of-storefront"), run)


def test_a_member_of_the_suggested_team_agrees_and_it_owns_the_repository(world: World) -> None:
    name = unowned_repository(world)
    world.actors.push(name, {"CODEOWNERS": "* @acme/payments\n"})
    run = world.start(name)
    world.engine.limit_to("access")
    world.engine.drain()
    onboardings.agree(signed_up("charlie"), run)
    world.engine.poll()
    assert step(run, "access").state == StepState.DONE
    repository = Repository.objects.get(pk=run.repository_id)
    assert (repository.team, repository.ownership) == (run.team, Ownership.AGREEMENT)


def test_an_agreement_of_somebody_who_left_the_team_counts_no_longer(world: World) -> None:
    name = unowned_repository(world)
    world.actors.push(name, {"CODEOWNERS": "* @acme/payments\n"})
    run = world.start(name)
    world.engine.limit_to("access")
    world.engine.drain()
    eve, team = Person.objects.create_user("eve"), run.team
    assert team is not None
    Membership.objects.create(team=team, login="eve")
    onboardings.agree(eve, run)
    Membership.objects.filter(login="eve").delete()
    world.engine.poll()
    assert step(run, "access").state == StepState.BLOCKED


@pytest.mark.parametrize("owner", ["anything", "acme/storefront/deep", "globex"])
def test_a_team_of_another_organisation_is_no_suggestion(world: World, owner: str) -> None:
    name = unowned_repository(world)
    world.actors.push(name, {"CODEOWNERS": f"* @{owner}/payments\n"})
    plan = world.plan(name)
    assert (plan.team, plan.content["team_is_suggested"]) == (world.storefront, False)


def test_a_starter_who_is_not_on_the_owning_team_waits_for_it(world: World) -> None:
    """A repository's administrator can give any team write access to it, and so make it the owner."""
    name = unowned_repository(world)
    world.actors.github("PUT", f"/orgs/acme/teams/payments/repos/{name}", {"permission": "push"}, person=ADMIN)
    run = world.start(name)
    world.engine.drain()
    world.engine.poll()
    assert blocker_of(run, "access").kind == "team-agreement"
    assert step(run, "namespace").state == StepState.NOT_STARTED


def test_the_suggestion_of_ones_own_team_is_agreed_by_starting(world: World) -> None:
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
