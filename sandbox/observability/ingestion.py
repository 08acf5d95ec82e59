"""Storing what the cluster's scraper and log collector read: samples of metrics and lines of logs."""

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.db.models import Max

from sandbox.observability.models import Document, Sample, Series, Target

SAMPLE_RETENTION = 3600.0  # seconds
MAX_DOCUMENTS = 50_000
SWEEP_EVERY = 2000


def record_line(namespace: str, pod: str, container: str, labels: Mapping[str, str], text: str, at: datetime) -> None:
    """Store one line of a container's output as Filebeat's Kubernetes integration sends it (ECS field names)."""
    source = {
        "@timestamp": timestamp(at),
        "message": text,
        "data_stream": {"type": "logs", "dataset": "kubernetes.container_logs", "namespace": part(namespace)},
        "kubernetes": {
            "namespace": namespace,
            "pod": {"name": pod},
            "container": {"name": container},
            "labels": {dedot(name): value for name, value in labels.items()},
        },
    }
    store(data_stream(namespace), uuid.uuid4().hex, at, source)


def data_stream(namespace: str) -> str:
    """The name of the data stream of a namespace's container logs."""
    return f"logs-kubernetes.container_logs-{part(namespace)}"


def part(namespace: str) -> str:
    """As a part of a data stream's name, which must not contain "-".

    https://www.elastic.co/docs/reference/fleet/data-streams#data-streams-naming-scheme
    """
    return namespace.replace("-", "_")


def dedot(label: str) -> str:
    """A label's name as a field. Dots would mean nesting, so Filebeat's `labels.dedot` turns them into underscores."""
    return label.replace(".", "_")


def timestamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def store(index: str, identity: str, at: datetime, source: Mapping[str, object]) -> bool:
    """Store a document. Returns whether it is new. Only the newest 50,000 documents are kept."""
    document, new = Document.objects.update_or_create(
        index=index, identity=identity, defaults={"at": at, "source": dict(source)}
    )
    if new and document.id % SWEEP_EVERY == 0:
        newest = Document.objects.aggregate(newest=Max("id"))["newest"] or 0
        Document.objects.filter(id__lte=newest - MAX_DOCUMENTS).delete()
    return new


def record_sample(name: str, labels: Mapping[str, str], value: float, at: float) -> None:
    """Store one sample of a series, taken at a time in seconds since 1970. Samples are kept for an hour."""
    sample = Sample.objects.create(series_id=_series(name, tuple(sorted(labels.items()))), at=at, value=value)
    if sample.id % SWEEP_EVERY == 0:
        Sample.objects.filter(at__lt=time.time() - SAMPLE_RETENTION).delete()


@lru_cache(maxsize=10_000)
def _series(name: str, labels: tuple[tuple[str, str], ...]) -> int:
    identity = hashlib.sha256(json.dumps([name, labels]).encode()).hexdigest()
    series, _ = Series.objects.get_or_create(identity=identity, defaults={"name": name, "labels": dict(labels)})
    return series.id


def record_targets(errors: Mapping[str, str]) -> None:
    """Store the error of the last scrape of each URL, empty for a success. Other URLs are no longer targets."""
    Target.objects.exclude(url__in=errors).delete()
    for url, error in errors.items():
        Target.objects.update_or_create(url=url, defaults={"error": error})
