"""What the scraper and the log collector of the cluster bring in: samples of metrics and lines of logs."""

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.db.models import Max

from sandbox.observability.models import Document, Sample, Series, Target

SAMPLES_KEPT_SECONDS = 3600.0
DOCUMENTS_KEPT = 50_000
SWEEP_EVERY = 2000


def record_line(namespace: str, pod: str, container: str, labels: Mapping[str, str], text: str, at: datetime) -> None:
    """One line of a container's output, as Filebeat's Kubernetes integration would send it (ECS field names)."""
    source = {
        "@timestamp": timestamp(at),
        "message": text,
        "data_stream": {"type": "logs", "dataset": "kubernetes.container_logs", "namespace": namespace},
        "kubernetes": {
            "namespace": namespace,
            "pod": {"name": pod},
            "container": {"name": container},
            "labels": {de_dotted(name): value for name, value in labels.items()},
        },
    }
    store(stream_of(namespace), uuid.uuid4().hex, at, source)


def stream_of(namespace: str) -> str:
    """The data stream of a namespace's container logs."""
    return f"logs-kubernetes.container_logs-{namespace}"


def de_dotted(label: str) -> str:
    """A label's name as a field: dots would be nesting, so Filebeat's `labels.dedot` makes them underscores."""
    return label.replace(".", "_")


def timestamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def store(index: str, identity: str, at: datetime, source: Mapping[str, object]) -> bool:
    """Keep a document; True where it is new. The oldest go once there are more than 50,000."""
    row, new = Document.objects.update_or_create(
        index=index, identity=identity, defaults={"at": at, "source": dict(source)}
    )
    if new and row.id % SWEEP_EVERY == 0:
        newest = Document.objects.aggregate(newest=Max("id"))["newest"] or 0
        Document.objects.filter(id__lte=newest - DOCUMENTS_KEPT).delete()
    return new


def record_sample(name: str, labels: Mapping[str, str], value: float, at: float) -> None:
    """One sample of a series, at seconds since 1970. Samples live for an hour."""
    row = Sample.objects.create(series_id=_series(name, tuple(sorted(labels.items()))), at=at, value=value)
    if row.id % SWEEP_EVERY == 0:
        Sample.objects.filter(at__lt=time.time() - SAMPLES_KEPT_SECONDS).delete()


@lru_cache(maxsize=10_000)
def _series(name: str, labels: tuple[tuple[str, str], ...]) -> int:
    identity = hashlib.sha256(json.dumps([name, labels]).encode()).hexdigest()
    row, _ = Series.objects.get_or_create(identity=identity, defaults={"name": name, "labels": dict(labels)})
    return row.id


def record_targets(errors: Mapping[str, str]) -> None:
    """How the last scrape of each address went; those that are not named are no longer scraped."""
    Target.objects.exclude(url__in=errors).delete()
    for url, error in errors.items():
        Target.objects.update_or_create(url=url, defaults={"error": error})
