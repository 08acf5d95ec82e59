"""How Onramp itself is doing: a page for people, and the same figures for Prometheus."""

import hmac
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from dashboard import operations
from dashboard.operations import Operations
from onboarding.views.requests import platform_of


@require_safe
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    platform_of(request)
    return render(request, "dashboard/operations.html", {"view": operations.now()})


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The Prometheus text format, for requests with PORTAL_METRICS_TOKEN; only the demo is open without one."""
    if not _may_read(request):
        return HttpResponse("Send PORTAL_METRICS_TOKEN as a bearer token.\n", status=401, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Figures(operations.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    token = settings.ENV.portal_metrics_token
    if not token:
        return bool(settings.ENV.onramp_demo)
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(token.encode(), sent.encode())


class _Figures:
    """A collector over figures that were read once."""

    def __init__(self, figures: Operations) -> None:
        self.figures = figures

    def collect(self) -> Iterable[Metric]:
        figures = self.figures
        yield _gauge(
            "onramp_oldest_overdue_seconds",
            "How long the oldest overdue step has been due.",
            figures.oldest.total_seconds(),
        )
        yield from _queues(figures)
        yield from _providers(figures)
        yield from _lines(figures)
        attempts = GaugeMetricFamily(
            "onramp_attempts_last_hour", "Attempts that ended within the last hour.", labels=["step", "outcome"]
        )
        for outcome in figures.outcomes:
            attempts.add_metric([outcome.step, outcome.outcome], outcome.count)
        runs = GaugeMetricFamily("onramp_active_runs", "Active runs.", labels=["kind"])
        for kind, count in figures.runs.items():
            runs.add_metric([kind], count)
        yield from (attempts, runs)
        yield _gauge("onramp_unread_deliveries", "Webhooks that are stored and not yet handled.", figures.deliveries)
        stored = GaugeMetricFamily(
            "onramp_webhook_bytes", "What the stored webhooks of a source take.", labels=["source"]
        )
        refused = GaugeMetricFamily(
            "onramp_webhooks_refused", "Whether a source's budget is used up.", labels=["source"]
        )
        for source in figures.sources:
            stored.add_metric([source.name], source.bytes)
            refused.add_metric([source.name], source.full_since is not None)
        yield from (stored, refused)
        yield _gauge(
            "onramp_unknown_errors_last_day", "Errors of steps that are of no known type.", figures.unknown_errors
        )
        yield _gauge("onramp_stranded_last_day", "Runs that had stopped and were resumed.", figures.stranded)
        yield _gauge("onramp_quarantined_last_day", "Pauses of steps that kill their workers.", figures.quarantined)


def _queues(figures: Operations) -> Iterable[Metric]:
    steps = GaugeMetricFamily("onramp_steps", "Steps of active runs.", labels=["queue", "state"])
    overdue = GaugeMetricFamily("onramp_overdue_seconds", "The oldest overdue step of a queue.", labels=["queue"])
    for queue in figures.queues:
        for state in ("due", "waiting", "running", "abandoned"):
            steps.add_metric([queue.name, state], getattr(queue, state))
        overdue.add_metric([queue.name], queue.oldest.total_seconds())
    return steps, overdue


def _providers(figures: Operations) -> Iterable[Metric]:
    paused = GaugeMetricFamily(
        "onramp_provider_paused_seconds", "For how long a provider is still paused.", labels=["provider"]
    )
    failures = GaugeMetricFamily(
        "onramp_provider_failures", "Exchanges in a row without a proper answer.", labels=["provider"]
    )
    for provider in figures.providers:
        until = provider.paused_until
        remaining = (until - timezone.now()).total_seconds() if until else 0.0
        paused.add_metric([provider.name], max(0.0, remaining))
        failures.add_metric([provider.name], provider.failures)
    return paused, failures


def _lines(figures: Operations) -> Iterable[Metric]:
    waiting = GaugeMetricFamily(
        "onramp_provider_waiting", "Places in a provider's queue for changes.", labels=["provider"]
    )
    oldest = GaugeMetricFamily(
        "onramp_provider_oldest_place_seconds", "How long the oldest place has waited.", labels=["provider"]
    )
    changes = CounterMetricFamily("onramp_provider_changes", "Changes begun at a provider.", labels=["provider"])
    for line in figures.lines.values():
        waiting.add_metric([line.provider], line.waiting)
        oldest.add_metric([line.provider], line.oldest.total_seconds())
        changes.add_metric([line.provider], line.changes)
    return waiting, oldest, changes


def _gauge(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(name, description, value=value)
