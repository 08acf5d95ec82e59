"""A file of ours that would meet one of theirs: shown, never replaced, and nothing starts."""

import pytest

from onboarding import actions
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
