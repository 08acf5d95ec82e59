"""Which run's turn this thread is giving, for whoever writes a line or a span about it. Knows no model: logging starts before
them.

A run belongs to the trace of the click that began it: each turn is a span of it, and every call outside a span of its turn.
Nothing is recorded unless `portal.tracing` found somebody to send it to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import trace
from opentelemetry.trace import Span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

RUN: ContextVar[str] = ContextVar("run", default="-")
_tracer = trace.get_tracer("onramp.engine")
_w3c = TraceContextTextMapPropagator()


@contextmanager
def turn(run: str, began: str, name: str, attempt: int) -> Iterator[Span]:
    """One turn of a step, as the logs and the trace know it. `began` is the run's traceparent."""
    token = RUN.set(run)
    facts: dict[str, str | int] = {"onramp.run": run, "onramp.attempt": attempt}
    try:
        context = _w3c.extract({"traceparent": began})
        with _tracer.start_as_current_span(name, context, attributes=facts, record_exception=False) as span:
            yield span
    finally:
        RUN.reset(token)


def traceparent() -> str:
    """https://www.w3.org/TR/trace-context/#traceparent-header of the span under way; empty where nothing is traced."""
    carrier: dict[str, str] = {}
    _w3c.inject(carrier)
    return carrier.get("traceparent", "")
