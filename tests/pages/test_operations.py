"""The operators' page, and the same figures for Prometheus."""

from datetime import timedelta

from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from engine.models import StepState
from events import log
from integrations.models import Place, ProviderLimit
from tests.conftest import Cast
from tests.deploy.kustomization import AUTOSCALING, manifest
from tests.pages import rows
from tests.pages.conftest import signed_in
from tests.pages.test_addresses import words


def figures(client: Client) -> dict[tuple[str, ...], float]:
    """(name, label values…) → value."""
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_overdue_steps_are_shown(cast: Cast, client: Client) -> None:
    run = rows.onboarding(cast)
    run.run.steps.filter(name="access").update(due_at=Now() - timedelta(minutes=5))
    page = words(signed_in(cast.pat).get("/operations/").content)
    assert "Steps are overdue in source: no worker takes them." in page
    values = figures(client)
    assert 290 < values["onramp_oldest_overdue_seconds",] < 400
    assert values["onramp_steps", "source", "due"] == 1
    assert values["onramp_active_runs", "onboarding"] == 1


def test_expired_leases_and_paused_providers_are_shown(cast: Cast, client: Client) -> None:
    run = rows.onboarding(cast)
    run.run.steps.filter(name="access").update(state=StepState.RUNNING, lease_until=Now() - timedelta(seconds=1))
    ProviderLimit.objects.create(
        name="github", paused_until=timezone.now() + timedelta(minutes=1), reason="it requested a pause", failures=7
    )
    page = words(signed_in(cast.pat).get("/operations/").content)
    assert "Leases have expired before their step ended" in page
    assert "github is paused: it requested a pause." in page
    values = figures(client)
    assert values["onramp_steps", "source", "abandoned"] == 1
    assert 50 < values["onramp_provider_paused_seconds", "github"] <= 60
    assert values["onramp_provider_failures", "github"] == 7


def test_the_queues_for_changes_at_providers_are_shown(cast: Cast, client: Client) -> None:
    until = Now() + timedelta(minutes=1)
    rows = [(None, Now()), (1, Now() - timedelta(minutes=5)), (2, Now())]
    holder, *_ = [
        Place.objects.create(provider="github", waiter=w, number=0, since=since, present_until=until, kept_until=until)
        for w, since in rows
    ]
    Place.objects.create(provider="github", waiter=3, number=0, present_until=Now(), kept_until=Now())
    ProviderLimit.objects.create(name="github", turn=holder.pk, busy_until=until, changes=41)
    page = words(signed_in(cast.pat).get("/operations/").content)
    assert "github Active 0 2 5 min" in page
    values = figures(client)
    assert values["onramp_provider_waiting", "github"] == 2
    assert 290 < values["onramp_provider_oldest_place_seconds", "github"] < 400
    assert values["onramp_provider_changes_total", "github"] == 41


def test_what_should_never_happen_is_shown(cast: Cast, client: Client) -> None:
    run = rows.onboarding(cast)
    for kind in ("onramp.run.stranded", "onramp.run.stranded", "onramp.step.quarantined", "onramp.step.unknown_error"):
        log.record(kind, f"run:{run.pk}")
    page = words(signed_in(cast.pat).get("/operations/").content)
    assert "Onramp resumed 2 runs that had stopped" in page
    assert "keeps killing its workers" in page
    values = figures(client)
    assert values["onramp_stranded_last_day",] == 2
    assert values["onramp_quarantined_last_day",] == 1
    assert values["onramp_unknown_errors_last_day",] == 1


def test_all_good_when_nothing_is_wrong(cast: Cast) -> None:
    assert "All good" in words(signed_in(cast.pat).get("/operations/").content)


def test_the_metrics_require_their_token(cast: Cast, client: Client, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"portal_metrics_token": "right"})
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer right"}).status_code == 200


def test_without_a_token_the_metrics_are_closed_in_production(cast: Cast, client: Client, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"onramp_demo": False})
    assert client.get("/metrics").status_code == 401


def test_the_autoscaler_reads_figures_that_metrics_has(cast: Cast, client: Client, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"portal_metrics_token": "right"})
    text = client.get("/metrics", headers={"authorization": "Bearer right"}).content.decode()
    scaler = manifest(AUTOSCALING, "HorizontalPodAutoscaler", "onramp-worker")
    for metric in scaler["spec"]["metrics"]:
        assert f"# TYPE {metric['external']['metric']['name']} " in text
