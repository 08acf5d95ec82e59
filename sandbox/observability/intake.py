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


def record_sample(name: str, labels: Mapping[str, str], value: float, at: float | datetime | None = None) -> None:
    """One sample of a series, at seconds since 1970 or a datetime (now by default). Samples live for an hour."""
    moment = at.timestamp() if isinstance(at, datetime) else time.time() if at is None else at
    row = Sample.objects.create(series_id=_series(name, tuple(sorted(labels.items()))), at=moment, value=value)
    if row.id % SWEEP_EVERY == 0:
        Sample.objects.filter(at__lt=time.time() - SAMPLES_KEPT_SECONDS).delete()


@lru_cache(maxsize=10_000)
def _series(name: str, labels: tuple[tuple[str, str], ...]) -> int:
    identity = hashlib.sha256(json.dumps([name, labels]).encode()).hexdigest()
    row, _ = Series.objects.get_or_create(identity=identity, defaults={"name": name, "labels": dict(labels)})
    return row.id


def record_target(
    url: str, labels: Mapping[str, str], discovered: Mapping[str, str], error: str, at: float, seconds: float
) -> None:
    """How the last scrape of an address went; an empty `error` means well. Shown by the targets API."""
    Target.objects.update_or_create(
        url=url,
        defaults={
            "labels": dict(labels),
            "discovered": dict(discovered),
            "health": "down" if error else "up",
            "error": error,
            "scraped_at": at,
            "seconds": seconds,
        },
    )


def forget_target(url: str) -> None:
    """The address is no longer scraped, as when its pod is gone."""
    Target.objects.filter(url=url).delete()
