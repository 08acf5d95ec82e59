"""A file of ours at the path of one of theirs: nothing is replaced or started before a person decides."""

from pathlib import Path

import pytest

from onboarding.actions import onboardings, plans
from onboarding.plans.content import Choice, Content
from onboarding.plans.preflight import RequestRejected
from tests.pages.conftest import signed_in
from tests.plan.world import World

SERVICE = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": 'PATHS = "/healthz"\nport = 8080\n'}
WORKFLOW = ".github/workflows/onramp.yml"


def test_a_conflict_is_shown_and_prevents_the_start(world: World) -> None:
    world.push("conflicting", {**SERVICE, WORKFLOW: "name: mine\non: push\njobs: {}\n"})
    plan = world.plan("acme/conflicting")
    (conflict,) = plan.content["conflicts"]
    assert conflict["path"] == WORKFLOW
    assert "-name: mine" in conflict["diff"]
    assert WORKFLOW not in [file["path"] for file in plan.content["files"]]
    with pytest.raises(RequestRejected):
        onboardings.start(world.cast.alice, plan, plan.digest)


def test_an_identical_file_is_neither_a_conflict_nor_a_change(world: World) -> None:
    world.push("settled", SERVICE)
    manifests = [file for file in world.content("acme/settled").files if file.path.startswith("deploy/")]
    world.push("settled", {manifest.path: manifest.text for manifest in manifests})
    content = world.content("acme/settled")
    assert not content.conflicts
    assert WORKFLOW in [file.path for file in content.files]
    assert not {file.path for file in content.files} & {manifest.path for manifest in manifests}


def test_a_person_chooses_which_file_to_keep(world: World) -> None:
    name = "chosen"
    world.push(name, {**SERVICE, WORKFLOW: "name: mine\non: push\njobs: {}\n"})
    for choice in Choice:
        plan = plans.create(world.cast.alice, world.url(f"acme/{name}"), None, {WORKFLOW: choice})
        content = Content.model_validate(plan.content)
        assert content.can_start
        workflows = [file for file in content.files if file.path == WORKFLOW]
        assert bool(workflows) == (choice == Choice.OURS)
        assert all("-name: mine" in file.diff for file in workflows)
    assert "up to date" in content.title or choice == Choice.THEIRS


def test_a_choice_for_a_file_without_a_conflict_changes_nothing(world: World) -> None:
    world.push("no-conflict", SERVICE)
    plan = plans.create(world.cast.alice, world.url("acme/no-conflict"), None, {"app.py": Choice.OURS})
    assert "app.py" not in [file["path"] for file in plan.content["files"]]
    assert plan.content["choices"] == {}


@pytest.mark.parametrize("kind", ["symbolic link", "file where a folder must be"])
def test_what_no_file_can_replace_is_shown_and_never_replaced(world: World, kind: str) -> None:
    name = kind.replace(" ", "-")
    there: dict[str, str | bytes | Path] = {"Dockerfile": 'FROM scratch\nEXPOSE 8080\nCMD ["/x"]\n'}
    there |= {WORKFLOW: Path("../../Dockerfile")} if kind == "symbolic link" else {"deploy": "a file"}
    world.push(name, there)
    plan = plans.create(world.cast.alice, world.url(f"acme/{name}"), None, {WORKFLOW: Choice.OURS})
    content = Content.model_validate(plan.content)
    obstructed = [conflict for conflict in content.conflicts if conflict.obstacle]
    assert obstructed
    assert not content.can_start, "choosing ours does not put a file where none can be"
    paths = {conflict.path for conflict in obstructed}
    assert not paths & {file.path for file in content.files}
    leaving = dict.fromkeys(paths, Choice.THEIRS)
    without = plans.create(world.cast.alice, world.url(f"acme/{name}"), None, leaving)
    assert Content.model_validate(without.content).can_start
    page = signed_in(world.cast.alice).get(f"/plans/{plan.pk}/").content.decode()
    assert obstructed[0].obstacle in page
    assert "Leave Onramp’s out" in page


def test_a_branch_that_would_be_an_expression_is_refused_with_a_sentence(world: World) -> None:
    name = "expression"
    world.push(name, SERVICE)
    branch = "main${{github.token}}"
    world.push_head(name, branch=branch)
    world.github("PATCH", f"/repos/acme/{name}", {"default_branch": branch}, person="onramp")
    assert world.rejection(f"acme/{name}").kind == "unsafe"
