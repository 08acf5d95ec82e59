"""Onramp keeps a waiting pull request up to date with the default branch until somebody else pushes to it."""

from dataclasses import dataclass

import pytest

from engine import execution
from engine.models import Move, Step
from integrations.errors import Conflict
from integrations.source import source
from onboarding.models import Onboarding
from onboarding.steps.subject import commits_of
from tests.pages import rows
from tests.plan.test_source_pull_requests import start_proposed
from tests.plan.world import World, git


@dataclass
class WaitingRun:
    """An onboarding whose pull request waits to be merged."""

    world: World
    name: str
    run: Onboarding

    def check(self) -> Step:
        """The step's next check, without the wait."""
        step = self.run.run.steps.get(name="merge")
        Step.objects.filter(pk=step.pk).update(due_at=self.run.run.created_at)
        assert execution.execute(step.pk)
        step.refresh_from_db()
        return step

    @property
    def head(self) -> str:
        return str(self.world.github("GET", f"/repos/acme/{self.name}/pulls/1")["head"]["sha"])

    def parents(self, commit: str) -> list[str]:
        body = self.world.github("GET", f"/repos/acme/{self.name}/git/commits/{commit}")
        return [parent["sha"] for parent in body["parents"]]


def start_waiting(world: World, name: str, *, strict: bool = True) -> WaitingRun:
    """`strict`: a rule of the branch requires pull requests to be up to date."""
    run, step = start_proposed(world, name)
    assert execution.execute(step.pk)
    names = rows.ORDER
    for earlier in names[names.index("pull_request") + 1 : names.index("merge")]:
        rows.execute(run, earlier, rows.done(earlier))
    rule = {
        "required_status_checks": {"strict": strict, "contexts": []},
        "enforce_admins": True,
        "required_pull_request_reviews": None,
        "restrictions": None,
    }
    world.github("PUT", f"/repos/acme/{name}/branches/main/protection", rule, person="onramp")
    return WaitingRun(world, name, run)


def test_a_pull_request_is_updated_when_the_default_branch_moves(world: World) -> None:
    waiting = start_waiting(world, "moves-on")
    before = waiting.head
    assert waiting.check().reason == "Review pull request #1 and merge it."
    tip = world.push("moves-on", {"NOTES": "The repository moves on.\n"})
    step = waiting.check()
    assert (step.reason, step.move) == (
        "main has moved on; Onramp is updating pull request #1.",
        Move.MACHINE,
    )
    assert waiting.parents(waiting.head) == [before, tip]
    step = waiting.check()
    assert (step.reason, step.move) == ("Review pull request #1 and merge it.", Move.TEAM)
    assert waiting.head in commits_of(waiting.run.run)
    tip = world.push("moves-on", {"NOTES": "And on.\n"})
    waiting.check()
    assert waiting.parents(waiting.head)[1] == tip, "it is updated a second time"


def test_a_pull_request_is_not_updated_where_no_rule_requires_it(world: World) -> None:
    """Every update starts a build, which the team pays for."""
    waiting = start_waiting(world, "no-rule", strict=False)
    before = waiting.head
    world.push("no-rule", {"NOTES": "The repository moves on.\n"})
    assert waiting.check().reason == "Review pull request #1 and merge it."
    assert waiting.head == before


def test_a_branch_that_somebody_pushed_to_is_not_updated(world: World) -> None:
    waiting = start_waiting(world, "theirs")
    branch, checkout = str(waiting.run.plan.content["branch"]), world.folder / "theirs"
    world.push("theirs", {"NOTES": "The repository moves on.\n"})
    git(checkout, "fetch", "-q", f"{world.url('theirs').replace('/theirs', '/acme/theirs')}.git", branch)
    git(checkout, "checkout", "-q", "FETCH_HEAD")
    pushed = world.push("theirs", {"MINE": "A line of Alice's.\n"}, branch=branch)
    step = waiting.check()
    assert (
        step.reason
        == f"Review pull request #1 and merge it. Somebody pushed {pushed[:7]} to it; Onramp does not touch that."
    )
    assert waiting.head == pushed


def test_a_push_between_check_and_update_is_not_overwritten(world: World) -> None:
    """The source host compares the head itself."""
    waiting = start_waiting(world, "faster")
    world.push("faster", {"NOTES": "The repository moves on.\n"})
    world.sandbox.fault("error-before", "/github/api/v3/repos/acme/faster/pulls/1/update-branch", method="PUT", times=1)
    before = waiting.head
    waiting.check()
    assert waiting.head == before
    with pytest.raises(Conflict):
        source().update_branch("acme/faster", 1, waiting.parents(before)[0])
    assert waiting.head == before
    waiting.check()
    assert waiting.parents(waiting.head)[0] == before, "the failed update is tried again"


def test_a_merge_conflict_is_reported(world: World) -> None:
    waiting = start_waiting(world, "conflict")
    world.push("conflict", {"Dockerfile": "FROM scratch\n"})
    step = waiting.check()
    assert step.reason.startswith("Pull request #1 conflicts with the current main. Create a new plan")
    assert step.move == Move.TEAM
