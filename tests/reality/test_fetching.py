"""Repositories whose files git keeps elsewhere: large files and submodules."""

import pytest
import yaml

from tests.journey.actors import SERVICE, Json
from tests.journey.conftest import World


def checkouts(world: World, name: str) -> tuple[dict[str, Json], list[str]]:
    """(job → the options of its checkout, the plan's warnings)."""
    content = world.plan(name).content
    text = next(file["text"] for file in content["files"] if file["path"].endswith("onramp.yml"))
    jobs = yaml.safe_load(text)["jobs"]
    options = {
        job: step["with"]
        for job, details in jobs.items()
        for step in details["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    }
    return options, content["warnings"]


@pytest.mark.parametrize("attributes", ["*.bin filter=lfs diff=lfs merge=lfs -text\n", "*.py text\n"])
def test_large_files_are_fetched_where_there_are_any(world: World, attributes: str) -> None:
    name = world.actors.repository(files={**SERVICE, ".gitattributes": attributes})
    options, _ = checkouts(world, name)
    expected = True if "lfs" in attributes else None
    fetching = {job: with_.get("lfs") for job, with_ in options.items() if not job.startswith("deploy-")}
    assert len(fetching) == 2
    assert set(fetching.values()) == {expected}
    assert all("lfs" not in with_ for job, with_ in options.items() if job.startswith("deploy-"))


def test_submodules_are_fetched_and_warned_of(world: World) -> None:
    name = world.actors.repository()
    base = f"/repos/{name}/git"
    head = world.actors.github("GET", f"{base}/ref/heads/main")["object"]["sha"]
    entry = {"path": "vendor/lib", "mode": "160000", "type": "commit", "sha": head}
    tree = world.actors.github("POST", f"{base}/trees", {"base_tree": head, "tree": [entry]})
    body = {"message": "Add a submodule", "tree": tree["sha"], "parents": [head]}
    commit = world.actors.github("POST", f"{base}/commits", body)
    world.actors.github("PATCH", f"{base}/refs/heads/main", {"sha": commit["sha"]})
    options, warnings = checkouts(world, name)
    assert {with_.get("submodules") for job, with_ in options.items() if not job.startswith("deploy-")} == {"recursive"}
    assert any("submodules (vendor/lib)" in warning for warning in warnings)
