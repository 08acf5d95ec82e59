"""What is started is what was shown: a plan that moved is shown anew and starts nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding import actions
from onboarding.models import Onboarding, Plan
from tests.plan.world import World


def start(world: World, plan: Plan, digest: str) -> str:
    with world.unchanged(), pytest.raises(actions.PlanMoved) as moved:
        actions.start(world.cast.alice, plan, digest)
    return str(moved.value)


def test_a_repository_that_moves_while_the_plan_is_shown(world: World) -> None:
    files = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": "port = 8080\n"}
    before = world.push("restless", files)
    plan = world.plan("acme/restless")
    after = world.push("restless", {"README.md": "one more commit\n"})
    said = start(world, plan, plan.digest)
    assert before[:7] in said
    assert after[:7] in said


def test_the_digest_of_another_plan(world: World) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/price-feed")
    assert "not the plan" in start(world, plan, other.digest)
    assert "not the plan" in start(world, plan, "")


def test_a_right_that_is_gone_since_starts_nothing(world: World) -> None:
    """Whoever planned long ago, or is another, is asked for at the source again."""
    plan = world.plan("acme/greeter")
    with world.unchanged(), pytest.raises(actions.Refused) as refused:
        actions.start(world.cast.charlie, plan, plan.digest)
    assert refused.value.kind == "no-right"
    Plan.objects.filter(pk=plan.pk).update(created_at=timezone.now() - timedelta(hours=1))
    plan.refresh_from_db()
    world.sandbox.fault("error-before", "/github/api/v3/repos/acme/greeter/collaborators", status=503)
    with world.unchanged(), pytest.raises(actions.Refused) as refused:
        actions.start(world.cast.alice, plan, plan.digest)
    assert refused.value.kind == "source-down"


def test_a_source_that_is_down_at_the_click_starts_nothing(world: World) -> None:
    plan = world.plan("acme/greeter")
    world.sandbox.fault("error-before", "/github", status=502)
    with world.unchanged(), pytest.raises(actions.Refused) as refused:
        actions.start(world.cast.alice, plan, plan.digest)
    assert refused.value.kind == "source-down"
    world.sandbox.behave()
    actions.start(world.cast.alice, plan, plan.digest)
    assert Onboarding.objects.get().plan == plan
