"""A new edition of the template updates the files that nobody changed; for the others people decide."""

import pytest

import generate
from catalog.models import Application
from dashboard import applications
from engine.models import Run, RunState
from onboarding.actions import plans
from onboarding.models import Onboarding, Plan
from onboarding.plans.content import Content
from tests.pages.conftest import signed_in
from tests.plan.world import World

SERVICE = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": 'PATHS = "/healthz"\nport = 8080\n'}
WORKFLOW = ".github/workflows/onramp.yml"
DOCKERFILE = "Dockerfile"
EARLIER = "# As an earlier edition wrote it.\n"


def content_of(world: World, repository: str) -> Content:
    """Unlike `World.content`, does not check for effects: the sandbox's pipelines build what was pushed meanwhile."""
    return Content.model_validate(plans.create(world.cast.alice, world.url(repository)).content)


def onboard_with_earlier_edition(world: World, name: str, editions: dict[str, str] | None = None) -> Onboarding:
    """A repository whose files an earlier edition wrote, each with one more line than today's."""
    world.push(name, SERVICE)
    plan = plans.create(world.cast.alice, world.url(f"acme/{name}"))
    content = Content.model_validate(plan.content)
    earlier = [file.model_copy(update={"text": EARLIER + file.text}) for file in content.files]
    world.push(name, {file.path: file.text for file in earlier})
    earlier_content = content.model_copy(update={"files": earlier, "editions": editions or {}})
    Plan.objects.filter(pk=plan.pk).update(
        content=earlier_content.model_dump(mode="json"), digest=earlier_content.digest()
    )
    plan.refresh_from_db()
    run = Run.objects.create(kind="onboarding", state=RunState.DONE)
    onboarding = Onboarding.objects.create(
        run=run, repository=plan.repository, plan=plan, team=plan.team, person=plan.person, active=False
    )
    assert plan.team is not None
    assert plan.target is not None
    Application.objects.create(
        team=plan.team, target=plan.target, repository=plan.repository, name=name, address="http://x/", demand={}
    )
    return onboarding


def test_unchanged_files_are_updated(world: World) -> None:
    onboard_with_earlier_edition(world, "followed")
    content = content_of(world, "acme/followed")
    assert not content.conflicts
    changed = {file.path: file.diff for file in content.files}
    assert {WORKFLOW, DOCKERFILE} <= set(changed)
    assert all(f"-{EARLIER.strip()}" in diff for diff in changed.values())
    assert content.title.startswith("Bring the pipeline")
    assert "No existing file is changed" not in content.body


def test_a_file_that_people_changed_is_a_conflict(world: World) -> None:
    onboard_with_earlier_edition(world, "touched")
    world.push("touched", {WORKFLOW: "name: ours now\non: push\njobs: {}\n"})
    content = content_of(world, "acme/touched")
    assert [conflict.path for conflict in content.conflicts] == [WORKFLOW]
    assert WORKFLOW not in [file.path for file in content.files]
    assert DOCKERFILE in [file.path for file in content.files]


def test_a_dockerfile_that_people_changed_is_kept(world: World) -> None:
    onboard_with_earlier_edition(world, "own-image")
    world.push("own-image", {DOCKERFILE: 'FROM scratch\nEXPOSE 9000\nCMD ["/srv"]\n'})
    content = content_of(world, "acme/own-image")
    assert DOCKERFILE not in [file.path for file in content.files]
    assert content.components[0].port == 9000


def test_an_up_to_date_repository_needs_no_change(world: World) -> None:
    world.push("current", SERVICE)
    content = content_of(world, "acme/current")
    world.push("current", {file.path: file.text for file in content.files})
    again = content_of(world, "acme/current")
    assert [file.path for file in again.files] == []


@pytest.mark.parametrize(("editions", "outdated"), [({}, True), (generate.editions_of(["python"]), False)])
def test_the_team_sees_which_applications_are_outdated(world: World, editions: dict[str, str], outdated: bool) -> None:
    onboarding = onboard_with_earlier_edition(world, f"outdated-{outdated}".lower(), editions)
    assert onboarding.team is not None
    (view,) = applications.views(applications.of(onboarding.team, onboarding.repository.name))
    assert bool(view.updates) == outdated
    page = signed_in(world.cast.alice).get(f"/teams/{onboarding.team.key}/").content.decode()
    assert ("Update available" in page) == outdated
