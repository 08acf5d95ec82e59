"""One trace joins the click, the execution of each step and every call to a provider."""

from collections.abc import Iterator

import pytest
from django.test import Client
from opentelemetry import trace
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from onboarding.models import Onboarding
from tests.journey.conftest import World

_exporter = InMemorySpanExporter()


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """Collects the spans of the test. A process cannot replace its tracer provider, so it is never removed."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(_exporter))
        trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    _exporter.clear()
    yield _exporter
    DjangoInstrumentor().uninstrument()


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_the_click_its_steps_and_their_calls_are_one_trace(world: World, exporter: InMemorySpanExporter) -> None:
    plan = world.plan(world.actors.repository())
    alice = Client()
    alice.force_login(world.alice)
    exporter.clear()
    alice.post("/onboardings/", {"plan": str(plan.pk), "digest": plan.digest})
    run = Onboarding.objects.get()
    world.engine.limit_to("access")
    world.engine.drain()
    spans = exporter.get_finished_spans()
    (click,) = [span for span in spans if span.kind == SpanKind.SERVER]
    related = [span for span in spans if span.context.trace_id == click.context.trace_id]
    (execution,) = [span for span in related if span.name == "onboarding access"]
    assert execution.parent is not None
    assert execution.parent.span_id == click.context.span_id
    assert (attributes(execution)["onramp.run"], attributes(execution)["onramp.ending"]) == (str(run.pk), "done")
    calls = [span for span in related if span.parent is not None and span.parent.span_id == execution.context.span_id]
    assert {attributes(call)["onramp.provider"] for call in calls} == {"github"}
    assert {attributes(call)["http.response.status_code"] for call in calls} <= {200, 201, 304}
    assert not [call for call in calls if "?" in str(attributes(call)["url.full"])]


def test_a_call_without_an_answer_is_recorded_as_an_error(world: World, exporter: InMemorySpanExporter) -> None:
    name = world.actors.repository()
    run = world.start(name)
    world.sandbox.fault("reset-before", "/github/api/v3/repos/*/hooks", times=1)
    world.engine.limit_to("access")
    world.engine.drain()
    (execution,) = [span for span in exporter.get_finished_spans() if span.name == "onboarding access"]
    assert attributes(execution)["onramp.ending"] == "paused", run
    failed = [span for span in exporter.get_finished_spans() if span.status.status_code == trace.StatusCode.ERROR]
    assert [span.name for span in failed] == ["GET github"]
