"""A change of the template: what nobody touched since we wrote it follows, what people changed is asked about."""

import pytest

from catalog.models import Application
from dashboard import applications
from onboarding import actions, generate
from onboarding.content import Content
from onboarding.models import Onboarding, Plan, Run, RunState
from tests.pages.conftest import signed_in
from tests.plan.world import World

SERVICE = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": 'PATHS = "/healthz"\nport = 8080\n'}
WORKFLOW = ".github/workflows/onramp.yml"
DOCKERFILE = "Dockerfile"
EARLIER = "# As an earlier edition wrote it.\n"


def content_of(world: World, repository: str) -> Content:
    """Not watched: meanwhile the sandbox's own pipelines build what was pushed."""
    return Content.model_validate(actions.plan(world.cast.alice, world.url(repository)).content)


def onboarded(world: World, name: str, edition: str = "") -> Onboarding:
    """A repository whose files an earlier edition wrote: each with a line more than today's."""
    world.push(name, SERVICE)
    plan = actions.plan(world.cast.alice, world.url(f"acme/{name}"))
    content = Content.model_validate(plan.content)
    earlier = [one.model_copy(update={"text": EARLIER + one.text}) for one in content.files]
    world.push(name, {one.path: one.text for one in earlier})
    then = content.model_copy(update={"files": earlier, "template": edition})
    Plan.objects.filter(pk=plan.pk).update(content=then.model_dump(mode="json"), digest=then.digest())
    plan.refresh_from_db()
    made = Run.objects.create(kind="onboarding", state=RunState.DONE)
    done = Onboarding.objects.create(
        run=made, repository=plan.repository, plan=plan, team=plan.team, person=plan.person, active=False
    )
    assert plan.team is not None
    assert plan.target is not None
    Application.objects.create(
        team=plan.team, target=plan.target, repository=plan.repository, name=name, address="http://x/", demand={}
    )
    return done


def test_what_nobody_touched_follows(world: World) -> None:
    onboarded(world, "followed")
    content = content_of(world, "acme/followed")
    assert not content.clashes
    changed = {one.path: one.diff for one in content.files}
    assert {WORKFLOW, DOCKERFILE} <= set(changed)
    assert all(f"-{EARLIER.strip()}" in diff for diff in changed.values())
    assert content.title.startswith("Bring the pipeline")
    assert "No existing file is changed" not in content.body


def test_what_people_changed_is_asked_about(world: World) -> None:
    onboarded(world, "touched")
    world.push("touched", {WORKFLOW: "name: ours now\non: push\njobs: {}\n"})
    content = content_of(world, "acme/touched")
    assert [one.path for one in content.clashes] == [WORKFLOW]
    assert WORKFLOW not in [one.path for one in content.files]
    assert DOCKERFILE in [one.path for one in content.files]


def test_a_dockerfile_that_people_changed_is_theirs(world: World) -> None:
    onboarded(world, "own-image")
    world.push("own-image", {DOCKERFILE: 'FROM scratch\nEXPOSE 9000\nCMD ["/srv"]\n'})
    content = content_of(world, "acme/own-image")
    assert DOCKERFILE not in [one.path for one in content.files]
    assert content.components[0].port == 9000


def test_up_to_date_there_is_nothing_to_propose(world: World) -> None:
    world.push("current", SERVICE)
    content = content_of(world, "acme/current")
    world.push("current", {one.path: one.text for one in content.files})
    again = content_of(world, "acme/current")
    assert [one.path for one in again.files] == []


@pytest.mark.parametrize(("edition", "behind"), [("", True), (generate.TEMPLATE, False)])
def test_the_team_sees_which_are_behind(world: World, edition: str, behind: bool) -> None:
    done = onboarded(world, f"behind-{edition or 'none'}", edition)
    assert done.team is not None
    (view,) = applications.views(applications.of(done.team, done.repository.name))
    assert bool(view.behind) == behind
    page = signed_in(world.cast.alice).get(f"/teams/{done.team.slug}/").content.decode()
    assert ("Behind the template" in page) == behind
