"""Repositories that are renamed, transferred or deleted, and names that another repository takes: in the middle of a run."""

import pytest

from catalog.models import Repository
from engine.models import Move, RunState, StepState
from integrations.cluster import cluster_reader
from onboarding.models import Onboarding
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step

BEFORE_PULL = ("access", "namespace", "pipeline", "delivery", "metrics", "logs")


def start_until(world: World, name: str, *steps: str) -> Onboarding:
    """A run whose pull request builds successfully without being built, executed up to these steps."""
    world.actors.change_settings(name, "next-runs", "success")
    run = world.start(name)
    world.engine.limit_to(*steps)
    world.engine.drain()
    return run


def row(run: Onboarding) -> Repository:
    return Repository.objects.get(pk=run.repository_id)


@pytest.mark.parametrize("taken", [False, True], ids=["", "and its name taken"])
@pytest.mark.parametrize("until", [BEFORE_PULL, ("merge",)], ids=["before the pull request", "before the merge"])
def test_a_run_goes_on_with_a_renamed_repository(world: World, until: tuple[str, ...], taken: bool) -> None:
    name = world.actors.repository()
    run = start_until(world, name, *until)
    renamed = world.actors.rename(name, f"{name.partition('/')[2]}-renamed")
    if taken:
        world.actors.github("POST", "/orgs/acme/repos", {"name": name.partition("/")[2], "auto_init": True})
        world.actors.push(name, {"app.py": "print('somebody else')\n"})
    world.engine.limit_to("merge")
    world.engine.poll(3)
    assert step(run, "merge").state == StepState.WAITING, step(run, "merge").reason
    assert row(run).full_name == renamed
    world.actors.merge(renamed, int(world.actors.pulls(renamed)[0]["number"]))
    world.engine.poll()
    assert step(run, "merge").state == StepState.DONE
    if taken:
        assert not world.actors.pulls(name), "the other repository is left alone"


def test_a_run_of_a_transferred_repository_ends(world: World) -> None:
    """It has other teams there, and its images another address."""
    name = world.actors.repository()
    run = start_until(world, name, "merge")
    world.actors.transfer(name, "globex")
    world.engine.poll(2)
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    assert f"is globex/{name.partition('/')[2]} now" in step(run, "merge").reason
    assert (row(run).owner, row(run).team) == ("globex", None)


def test_a_transferred_repository_no_longer_deploys(world: World) -> None:
    """The id of its owner is part of the name that the cluster knows its pipeline by."""
    name = world.actors.repository()
    run = start_until(world, name, "namespace")
    binding = cluster_reader().get("RoleBinding", world.namespace, "onramp-deployer")
    assert binding is not None
    users = [subject["name"] for subject in binding["subjects"]]
    expected = f"github:1000:{row(run).external_id}:.github/workflows/onramp.yml@refs/heads/main"
    assert expected in users


def test_a_deleted_repository_is_no_missing_right(world: World) -> None:
    name = world.actors.repository()
    run = start_until(world, name, "merge")
    world.actors.delete(name)
    world.engine.poll(2)
    blocker = blocker_of(run, "merge")
    assert (blocker.kind, blocker.owner, blocker.ticket_key) == ("repository-gone", Move.TEAM, "")
    assert "If it was deleted, cancel this run" in blocker.explanation
    assert not world.actors.tickets(name)


def test_a_private_repository_that_is_hidden_may_be_deleted_or_not(world: World) -> None:
    """A host answers the same to both."""
    name = world.actors.repository()
    world.actors.change_settings(name, "private")
    run = start_until(world, name, "merge")
    world.actors.change_settings(name, "access", "none")
    world.engine.poll(2)
    blocker = blocker_of(run, "merge")
    assert (blocker.kind, blocker.owner) == ("source-access", Move.PLATFORM)
    assert "If it was deleted, cancel this run" in blocker.explanation
    world.actors.change_settings(name, "access", "admin")
    world.engine.poll(2)
    assert step(run, "merge").state == StepState.WAITING


def test_a_repository_that_was_deleted_and_created_again_is_another_one(world: World) -> None:
    name = world.actors.repository()
    run = start_until(world, name, "merge")
    world.actors.delete(name)
    world.actors.github("POST", "/orgs/acme/repos", {"name": name.partition("/")[2], "auto_init": True})
    world.actors.push(name, {"app.py": "print('new')\n"})
    world.engine.poll(2)
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    assert "another repository than the one this plan was made for, which is gone" in step(run, "merge").reason


@pytest.mark.parametrize("merged", [False, True], ids=["open", "merged"])
def test_files_for_a_default_branch_that_was_renamed_are_void(world: World, merged: bool) -> None:
    """GitHub moves the pull request along, but the files name the branch."""
    name = world.actors.repository()
    run = start_until(world, name, "merge")
    world.actors.github("POST", f"/repos/{name}/branches/main/rename", {"new_name": "trunk"}, person="onramp-bot")
    if merged:
        world.actors.merge(name, int(world.actors.pulls(name)[0]["number"]))
    world.engine.poll()
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    assert "The default branch is trunk now" in step(run, "merge").reason


def test_what_was_merged_elsewhere_counts_once_the_default_branch_contains_it(world: World) -> None:
    name = world.actors.repository()
    run = start_until(world, name, "merge")
    head = world.actors.github("GET", f"/repos/{name}/git/ref/heads/main")["object"]["sha"]
    world.actors.github("POST", f"/repos/{name}/git/refs", {"ref": "refs/heads/develop", "sha": head})
    number = int(world.actors.pulls(name)[0]["number"])
    world.actors.github("PATCH", f"/repos/{name}/pulls/{number}", {"base": "develop"})
    world.engine.poll()
    assert "would be merged into develop. Change its base to main" in step(run, "merge").reason
    world.actors.merge(name, number)
    world.engine.poll()
    assert (step(run, "merge").state, step(run, "merge").move) == (StepState.WAITING, Move.TEAM)
    assert "was merged into develop. Merge that into main" in step(run, "merge").reason
    merged = world.actors.github("GET", f"/repos/{name}/git/ref/heads/develop")["object"]["sha"]
    world.actors.github("PATCH", f"/repos/{name}/git/refs/heads/main", {"sha": merged})
    world.engine.poll()
    assert step(run, "merge").state == StepState.DONE
