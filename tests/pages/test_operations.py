"""The operators' page and Prometheus' view of the same figures."""

from datetime import timedelta

from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from onboarding.models import Lane, StepState
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.conftest import signed_in
from tests.pages.test_addresses import words


def figures(client: Client) -> dict[tuple[str, ...], float]:
    """(name, label values …) → value."""
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_what_is_overdue_is_said(cast: Cast, client: Client) -> None:
    run = rows.onboarding(cast)
    run.run.steps.filter(name="access").update(due_at=Now() - timedelta(minutes=5))
    page = words(signed_in(cast.pat).get("/operations/").content)
    assert "Steps are overdue in source: no worker takes them." in page
    seen = figures(client)
    assert 290 < seen["onramp_oldest_overdue_seconds",] < 400
    assert seen["onramp_steps", "source", "due"] == 1
    assert seen["onramp_active_runs", "onboarding"] == 1


def test_a_lease_that_ended_and_a_provider_left_alone_are_said(cast: Cast, client: Client) -> None:
    run = rows.onboarding(cast)
    run.run.steps.filter(name="access").update(state=StepState.RUNNING, lease_until=Now() - timedelta(seconds=1))
    Lane.objects.create(
        name="github", closed_until=timezone.now() + timedelta(minutes=1), because="it asked for a pause", failures=7
    )
    page = words(signed_in(cast.pat).get("/operations/").content)
    assert "Leases have ended without their step" in page
    assert "github is left alone: it asked for a pause." in page
    seen = figures(client)
    assert seen["onramp_steps", "source", "abandoned"] == 1
    assert 50 < seen["onramp_lane_closed_seconds", "github"] <= 60
    assert seen["onramp_lane_failures", "github"] == 7


def test_all_is_well_when_nothing_is_wrong(cast: Cast) -> None:
    assert "All is well" in words(signed_in(cast.pat).get("/operations/").content)


def test_the_metrics_want_their_token(cast: Cast, client: Client, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"portal_metrics_token": "right"})
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer right"}).status_code == 200


def test_without_a_token_they_are_closed_in_production(cast: Cast, client: Client, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"onramp_demo": False})
    assert client.get("/metrics").status_code == 401
