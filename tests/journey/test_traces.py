"""One trace joins the click, the turns of its run and every call outside."""

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

_heard = InMemorySpanExporter()


@pytest.fixture
def heard() -> Iterator[InMemorySpanExporter]:
    """Everything that is traced meanwhile. A process has one provider of traces for good, so it stays."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(_heard))
        trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    _heard.clear()
    yield _heard
    DjangoInstrumentor().uninstrument()


def facts(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_the_click_its_turns_and_their_calls_are_one_trace(world: World, heard: InMemorySpanExporter) -> None:
    plan = world.plan(world.hands.repository())
    alice = Client()
    alice.force_login(world.alice)
    heard.clear()
    alice.post("/onboardings/", {"plan": str(plan.pk), "digest": plan.digest})
    run = Onboarding.objects.get()
    world.engine.only("access")
    world.engine.go()
    spans = heard.get_finished_spans()
    (click,) = [one for one in spans if one.kind == SpanKind.SERVER]
    ours = [one for one in spans if one.context.trace_id == click.context.trace_id]
    (turn,) = [one for one in ours if one.name == "onboarding access"]
    assert turn.parent is not None
    assert turn.parent.span_id == click.context.span_id
    assert (facts(turn)["onramp.run"], facts(turn)["onramp.ending"]) == (str(run.pk), "done")
    calls = [one for one in ours if one.parent is not None and one.parent.span_id == turn.context.span_id]
    assert {facts(one)["onramp.provider"] for one in calls} == {"github"}
    assert {facts(one)["http.response.status_code"] for one in calls} <= {200, 201, 304}
    assert not [one for one in calls if "?" in str(facts(one)["url.full"])]


def test_a_call_without_an_answer_is_an_error_of_its_span(world: World, heard: InMemorySpanExporter) -> None:
    name = world.hands.repository()
    run = world.start(name)
    world.sandbox.fault("reset-before", "/github/api/v3/repos/*/hooks", times=1)
    world.engine.only("access")
    world.engine.go()
    (turn,) = [one for one in heard.get_finished_spans() if one.name == "onboarding access"]
    assert facts(turn)["onramp.ending"] == "paused", run
    failed = [one for one in heard.get_finished_spans() if one.status.status_code == trace.StatusCode.ERROR]
    assert [one.name for one in failed] == ["GET github"]
