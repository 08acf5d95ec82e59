"""Which run this thread is executing, for log lines and spans. Knows no model: logging starts before them.

A run belongs to the trace of the request that started it: each execution is a span of it, and every call outside a span
of its execution. Nothing is recorded unless `portal.tracing` configured an exporter.
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
def execution_span(run: str, parent: str, name: str, attempt: int) -> Iterator[Span]:
    """One execution of a step, as logs and traces show it. `parent` is the run's traceparent."""
    token = RUN.set(run)
    attributes: dict[str, str | int] = {"onramp.run": run, "onramp.attempt": attempt}
    try:
        if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):  # nothing is configured to record
            yield trace.INVALID_SPAN
            return
        context = _w3c.extract({"traceparent": parent})
        with _tracer.start_as_current_span(name, context, attributes=attributes, record_exception=False) as span:
            yield span
    finally:
        RUN.reset(token)


def traceparent() -> str:
    """https://www.w3.org/TR/trace-context/#traceparent-header of the current span; empty where nothing is traced."""
    carrier: dict[str, str] = {}
    _w3c.inject(carrier)
    return carrier.get("traceparent", "")
