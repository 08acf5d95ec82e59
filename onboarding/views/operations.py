"""How the machine itself is doing: a page for people, and the same figures for Prometheus."""

import hmac
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from onboarding.reading import operations
from onboarding.reading.operations import Operations
from onboarding.views.asking import platform_of


@require_safe
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    platform_of(request)
    return render(request, "onboarding/operations.html", {"view": operations.now()})


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for whoever bears PORTAL_METRICS_TOKEN; open in the demo alone."""
    token = settings.ENV.portal_metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not (token and hmac.compare_digest(token.encode(), given.encode())) and not (
        settings.ENV.onramp_demo and not token
    ):
        return HttpResponse("Send PORTAL_METRICS_TOKEN as a bearer token.\n", status=401, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Figures(operations.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures:
    """A collector over what was read once."""

    def __init__(self, seen: Operations) -> None:
        self.seen = seen

    def collect(self) -> Iterable[Metric]:
        seen = self.seen
        yield _plain(
            "onramp_oldest_overdue_seconds", "How long the oldest overdue step is due.", seen.oldest.total_seconds()
        )
        steps = GaugeMetricFamily("onramp_steps", "Steps of active runs.", labels=["queue", "state"])
        overdue = GaugeMetricFamily("onramp_overdue_seconds", "The oldest overdue step of a queue.", labels=["queue"])
        for queue in seen.queues:
            for state in ("due", "waiting", "running", "abandoned"):
                steps.add_metric([queue.name, state], getattr(queue, state))
            overdue.add_metric([queue.name], queue.oldest.total_seconds())
        yield from (steps, overdue)
        yield from _lanes(seen)
        attempts = GaugeMetricFamily(
            "onramp_attempts_last_hour", "Attempts that ended within the last hour.", labels=["step", "outcome"]
        )
        for one in seen.outcomes:
            attempts.add_metric([one.step, one.outcome], one.count)
        runs = GaugeMetricFamily("onramp_active_runs", "Runs under way.", labels=["kind"])
        for kind, count in seen.runs.items():
            runs.add_metric([kind], count)
        yield from (attempts, runs)
        yield _plain("onramp_unread_deliveries", "Webhooks that are stored and not yet understood.", seen.deliveries)
        yield _plain(
            "onramp_unknown_errors_last_day", "Errors of steps that are of no type we know.", seen.unknown_errors
        )


def _lanes(seen: Operations) -> Iterable[Metric]:
    closed = GaugeMetricFamily(
        "onramp_lane_closed_seconds", "How long a provider is still left alone.", labels=["lane"]
    )
    failures = GaugeMetricFamily("onramp_lane_failures", "Exchanges in a row without a proper answer.", labels=["lane"])
    for lane in seen.lanes:
        left = (lane.closed_until - timezone.now()).total_seconds() if lane.closed_until else 0.0
        closed.add_metric([lane.name], max(0.0, left))
        failures.add_metric([lane.name], lane.failures)
    return closed, failures


def _plain(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)
