"""https://prometheus.io/docs/prometheus/latest/querying/api/"""

from collections.abc import Mapping
from datetime import UTC, datetime

from integrations.metrics import Metrics, Sample
from tests.integrations.answering import Answer
from tests.integrations.promises import Case, NotPromised, Row


def vector(*series: Mapping[str, object]) -> Answer:
    return Answer({"status": "success", "data": {"resultType": "vector", "result": list(series)}})


def values(*labels: str) -> Answer:
    return Answer({"status": "success", "data": list(labels)})


SERIES = {"metric": {"__name__": "greeter_requests_total"}, "value": [1767225600.5, "2"]}
SAMPLE = Sample("greeter_requests_total", 2, datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC))
READS_ONLY = NotPromised("metrics are only read")
ROW: Row[Metrics] = Row(
    options=lambda url: {"url": url},
    ready=Answer({"status": "success", "data": {"resultType": "scalar", "result": [1767225600.5, "1"]}}),
    denied=(Answer("Unauthorized\n", 401, {"WWW-Authenticate": "Basic"}),),
    rate_limited=Answer("Too Many Requests\n", 429, {"Retry-After": "5"}),  # from the proxy in front of it
    retry_after=5,
    reads=(
        Case(lambda metrics: metrics.sample("shop", "greeter", exposed=True), vector(SERIES), SAMPLE),
        Case(lambda metrics: metrics.receives(), values("shop"), True),
        Case(
            lambda metrics: metrics.receives(),
            {"GET /api/v1/label/namespace/values": values("shop"), "GET /api/v1/label/pod/values": values()},
            False,
        ),
    ),
    change=READS_ONLY,
    missing=(Case(lambda metrics: metrics.sample("shop", "greeter", exposed=True), vector(), None),),
    raises_missing=NotPromised("no sample is an answer, not an error"),
    conflict=READS_ONLY,
    repeated=READS_ONLY,
)
