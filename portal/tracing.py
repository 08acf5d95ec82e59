"""Traces, where the environment names somebody to send them to: OTEL_EXPORTER_OTLP_ENDPOINT and its relatives.

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
    """From here on what this process does is traced; False where nobody is named. Once a process, after it forked:
    what is gathered is sent by a thread of its own."""
    if not any(os.environ.get(name) for name in ADDRESSES):
        return False
    os.environ.setdefault("OTEL_SERVICE_NAME", service)
    provider = TracerProvider(resource=Resource.create())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return True


def connect_web() -> None:
    """The same for a web process, with a span for every request. Before the handler of requests is made."""
    if connect("onramp-web"):
        DjangoInstrumentor().instrument()
