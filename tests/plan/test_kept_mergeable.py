"""A pull request waits for its team while the default branch moves on; until somebody else pushes to it, Onramp keeps it mergeable."""

from dataclasses import dataclass

import pytest

from integrations import providers
from integrations.errors import Conflict
from onboarding.engine import work
from onboarding.models import Move, Onboarding, Step
from onboarding.steps.journey import commits_of
from tests.pages import rows
from tests.plan.test_second_time import started
from tests.plan.world import World, git


@dataclass
class Waiting:
    """An onboarding whose pull request waits to be merged into a branch that wants it up to date."""

    world: World
    name: str
    run: Onboarding

    def look(self) -> Step:
        """The step's next look, at once."""
        step = self.run.run.steps.get(name="merge")
        Step.objects.filter(pk=step.pk).update(due_at=self.run.run.created_at)
        assert work.turn(step.pk)
        step.refresh_from_db()
        return step

    @property
    def head(self) -> str:
        return str(self.world.github("GET", f"/repos/acme/{self.name}/pulls/1")["head"]["sha"])

    def parents(self, commit: str) -> list[str]:
        found = self.world.github("GET", f"/repos/acme/{self.name}/git/commits/{commit}")
        return [one["sha"] for one in found["parents"]]


def waiting(world: World, name: str, *, strict: bool = True) -> Waiting:
    run, step = started(world, name)
    assert work.turn(step.pk)
    names = rows.ORDER
    for between in names[names.index("pull_request") + 1 : names.index("merge")]:
        rows.play(run, between, rows.done(between))
    rule = {
        "required_status_checks": {"strict": strict, "contexts": []},
        "enforce_admins": True,
        "required_pull_request_reviews": None,
        "restrictions": None,
    }
    world.github("PUT", f"/repos/acme/{name}/branches/main/protection", rule, person="onramp")
    return Waiting(world, name, run)


def test_it_is_brought_up_to_date(world: World) -> None:
    own = waiting(world, "moves-on")
    before = own.head
    assert own.look().reason == "Look at pull request #1 and merge it."
    tip = world.push("moves-on", {"NOTES": "The repository moves on.\n"})
    step = own.look()
    assert (step.reason, step.move) == (
        "main has moved on; pull request #1 is being brought up to date.",
        Move.MACHINE,
    )
    assert own.parents(own.head) == [before, tip]
    step = own.look()
    assert (step.reason, step.move) == ("Look at pull request #1 and merge it.", Move.TEAM)
    assert own.head in commits_of(own.run.run)
    tip = world.push("moves-on", {"NOTES": "And on.\n"})
    own.look()
    assert own.parents(own.head)[1] == tip, "a second time, too"


def test_where_no_rule_wants_it_it_is_left(world: World) -> None:
    """Each update is a build, which the team would pay for."""
    own = waiting(world, "no-rule", strict=False)
    before = own.head
    world.push("no-rule", {"NOTES": "The repository moves on.\n"})
    assert own.look().reason == "Look at pull request #1 and merge it."
    assert own.head == before


def test_what_somebody_else_pushed_to_is_theirs(world: World) -> None:
    own = waiting(world, "theirs")
    branch, checkout = str(own.run.plan.content["branch"]), world.folder / "theirs"
    world.push("theirs", {"NOTES": "The repository moves on.\n"})
    git(checkout, "fetch", "-q", f"{world.url('theirs').replace('/theirs', '/acme/theirs')}.git", branch)
    git(checkout, "checkout", "-q", "FETCH_HEAD")
    pushed = world.push("theirs", {"MINE": "A line of Alice's.\n"}, branch=branch)
    step = own.look()
    assert (
        step.reason
        == f"Look at pull request #1 and merge it. Somebody pushed {pushed[:7]} to it; Onramp leaves that as it is."
    )
    assert own.head == pushed


def test_somebody_who_is_faster_is_not_overtaken(world: World) -> None:
    """Between the look and the update: the host itself compares."""
    own = waiting(world, "faster")
    world.push("faster", {"NOTES": "The repository moves on.\n"})
    world.sandbox.fault("error-before", "/github/api/v3/repos/acme/faster/pulls/1/update-branch", method="PUT", times=1)
    before = own.head
    own.look()
    assert own.head == before
    with pytest.raises(Conflict):
        providers.provider("source").update_branch("acme/faster", 1, own.parents(before)[0])
    assert own.head == before
    own.look()
    assert own.parents(own.head)[0] == before, "the lost try is made once more"


def test_a_conflict_is_said(world: World) -> None:
    own = waiting(world, "conflict")
    world.push("conflict", {"Dockerfile": "FROM scratch\n"})
    step = own.look()
    assert step.reason.startswith("Pull request #1 conflicts with what main holds meanwhile. Plan the repository again")
    assert step.move == Move.TEAM
