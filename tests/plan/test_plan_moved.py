"""Only the plan that was shown can be started: a plan that no longer matches starts nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.actions import onboardings
from onboarding.models import Onboarding, Plan
from onboarding.plans.preflight import RequestRejected
from tests.plan.world import World


def rejected_start(world: World, plan: Plan, digest: str) -> str:
    """The message that rejects the start."""
    with world.unchanged(), pytest.raises(onboardings.PlanMoved) as moved:
        onboardings.start(world.cast.alice, plan, digest)
    return str(moved.value)


def test_a_plan_of_an_earlier_commit_does_not_start(world: World) -> None:
    files = {"Procfile": "web: python app.py\n", "requirements.txt": "", "app.py": "port = 8080\n"}
    before = world.push("restless", files)
    plan = world.plan("acme/restless")
    after = world.push("restless", {"README.md": "one more commit\n"})
    message = rejected_start(world, plan, plan.digest)
    assert before[:7] in message
    assert after[:7] in message


def test_the_digest_of_another_plan_does_not_start(world: World) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/price-feed")
    assert "not the plan" in rejected_start(world, plan, other.digest)
    assert "not the plan" in rejected_start(world, plan, "")


def test_a_plan_that_was_just_removed_because_of_its_age_does_not_start(world: World) -> None:
    plan = world.plan("acme/greeter")
    Plan.objects.filter(pk=plan.pk).delete()
    assert "removed because of its age" in rejected_start(world, plan, plan.digest)


def test_a_person_without_write_access_cannot_start(world: World) -> None:
    """Access is checked again for another person and after some time."""
    plan = world.plan("acme/greeter")
    with world.unchanged(), pytest.raises(RequestRejected) as rejected:
        onboardings.start(world.cast.charlie, plan, plan.digest)
    assert rejected.value.kind == "no-right"
    Plan.objects.filter(pk=plan.pk).update(created_at=timezone.now() - timedelta(hours=1))
    plan.refresh_from_db()
    world.sandbox.fault("error-before", "/github/api/v3/repos/acme/greeter/collaborators", status=503)
    with world.unchanged(), pytest.raises(RequestRejected) as rejected:
        onboardings.start(world.cast.alice, plan, plan.digest)
    assert rejected.value.kind == "source-down"


def test_nothing_starts_while_the_source_host_is_down(world: World) -> None:
    plan = world.plan("acme/greeter")
    world.sandbox.fault("error-before", "/github", status=502)
    with world.unchanged(), pytest.raises(RequestRejected) as rejected:
        onboardings.start(world.cast.alice, plan, plan.digest)
    assert rejected.value.kind == "source-down"
    world.sandbox.behave()
    onboardings.start(world.cast.alice, plan, plan.digest)
    assert Onboarding.objects.get().plan == plan
