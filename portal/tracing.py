"""Traces, where the environment configures an exporter: OTEL_EXPORTER_OTLP_ENDPOINT and its relatives.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

ADDRESSES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def connect(service: str) -> bool:
    """Trace this process from now on; False where no exporter is configured. Once per process, after it forked: spans are
    sent by a thread."""
    if not any(os.environ.get(name) for name in ADDRESSES):
        return False
    os.environ.setdefault("OTEL_SERVICE_NAME", service)
    provider = TracerProvider(resource=Resource.create())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return True


def connect_web() -> None:
    """The same for a web process, with a span for every request. Call it before the request handler is created."""
    if connect("onramp-web"):
        DjangoInstrumentor().instrument()
