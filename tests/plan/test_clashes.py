"""A file of ours that would meet one of theirs: shown, never replaced, and nothing starts."""

import pytest

from onboarding import actions
from onboarding.content import Choice, Content
from tests.plan.world import World

SERVICE = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": 'PATHS = "/healthz"\nport = 8080\n'}
WORKFLOW = ".github/workflows/onramp.yml"


def test_it_is_shown_and_keeps_the_plan_from_starting(world: World) -> None:
    world.push("clashing", {**SERVICE, WORKFLOW: "name: mine\non: push\njobs: {}\n"})
    plan = world.plan("acme/clashing")
    (clash,) = plan.content["clashes"]
    assert clash["path"] == WORKFLOW
    assert "-name: mine" in clash["diff"]
    assert WORKFLOW not in [one["path"] for one in plan.content["files"]]
    with pytest.raises(actions.Refused):
        actions.start(world.cast.alice, plan, plan.digest)


def test_a_file_that_is_there_as_we_would_write_it_is_no_change(world: World) -> None:
    world.push("settled", SERVICE)
    manifests = [one for one in world.content("acme/settled").files if one.path.startswith("deploy/")]
    world.push("settled", {one.path: one.text for one in manifests})
    content = world.content("acme/settled")
    assert not content.clashes
    assert WORKFLOW in [one.path for one in content.files]
    assert not {one.path for one in content.files} & {one.path for one in manifests}


def test_somebody_chooses_which_one_stands(world: World) -> None:
    name = "chosen"
    world.push(name, {**SERVICE, WORKFLOW: "name: mine\non: push\njobs: {}\n"})
    for choice in Choice:
        plan = actions.plan(world.cast.alice, world.url(f"acme/{name}"), None, {WORKFLOW: choice})
        content = Content.model_validate(plan.content)
        assert content.can_start
        written = [one for one in content.files if one.path == WORKFLOW]
        assert bool(written) == (choice == Choice.OURS)
        assert all("-name: mine" in one.diff for one in written)
    assert "up to date" in content.title or choice == Choice.THEIRS


def test_a_choice_for_what_is_not_in_the_way_changes_nothing(world: World) -> None:
    world.push("nothing-met", SERVICE)
    plan = actions.plan(world.cast.alice, world.url("acme/nothing-met"), None, {"app.py": Choice.OURS})
    assert "app.py" not in [one["path"] for one in plan.content["files"]]
    assert plan.content["choices"] == {}
