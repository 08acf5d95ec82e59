"""Scraping of metrics: those that pods expose according to their annotations, and those of the kubelet.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import http.client
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction

from sandbox.kubernetes.kubelet import Worker, node
from sandbox.kubernetes.probes import Connection
from sandbox.observability import ingestion
from sandbox.world import processes

Body = dict[str, Any]
PERIOD = 5.0
TIMEOUT = 2.0
MAX_BYTES = 4 << 20
_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$")
_LABEL = re.compile(r'([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


@dataclass
class Round:
    """The results of one round of scraping, stored together at its end."""

    at: float = field(default_factory=time.time)
    samples: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=dict)
    """URL → error; empty for a success."""

    def store(self) -> None:
        with transaction.atomic():
            for name, labels, value in self.samples:
                ingestion.record_sample(name, labels, value, self.at)
            ingestion.record_targets(self.targets)


def run(stop: threading.Event) -> None:
    """Scrape all pods periodically until `stop` is set."""
    while not stop.wait(PERIOD):
        scrape = Round()
        for worker in list(node.workers.values()):
            _measure(worker, scrape)
            _scrape(worker, scrape)
        scrape.store()
    connections.close_all()


def _labels(worker: Worker) -> dict[str, str]:
    metadata = worker.pod["metadata"]
    app = (metadata.get("labels") or {}).get("app.kubernetes.io/name", "")
    return {"namespace": metadata["namespace"], "pod": metadata["name"], **({"app": app} if app else {})}


def _scrape(worker: Worker, scrape: Round) -> None:
    annotations = worker.pod["metadata"].get("annotations") or {}
    if annotations.get("prometheus.io/scrape") != "true" or worker.network is None:
        return
    port, path = annotations.get("prometheus.io/port", ""), annotations.get("prometheus.io/path", "/metrics")
    address = f"{worker.network.address}:{port}"
    labels = {**_labels(worker), "job": "kubernetes-pods", "instance": address}
    error = ""
    try:
        text = _get(worker, port, path)
        scrape.samples += [(name, {**sample_labels, **labels}, value) for name, sample_labels, value in samples(text)]
    except (OSError, ValueError, http.client.HTTPException) as problem:
        error = str(problem) or type(problem).__name__
    scrape.samples.append(("up", labels, 0.0 if error else 1.0))
    scrape.targets[f"http://{worker.pod['metadata']['name']}/{address}{path}"] = error


def _get(worker: Worker, port: str, path: str) -> str:
    if worker.network is None or not port.isdigit():
        raise ValueError(f"prometheus.io/port is {port!r}, not a port")
    connection = Connection(worker.network, int(port), TIMEOUT)
    try:
        connection.request("GET", path, headers={"Accept": "text/plain", "User-Agent": "Prometheus/3.0", "Host": "pod"})
        response = connection.getresponse()
        if response.status != 200:
            raise ValueError(f"server returned HTTP status {response.status} {response.reason}")
        return response.read(MAX_BYTES).decode()
    finally:
        connection.close()


def samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """(name, labels, value) of each sample in the text exposition format. Raises ValueError for an invalid line."""
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _SAMPLE.match(stripped)
        if not match:
            raise ValueError(f"expected a sample, got {stripped[:80]!r}")
        yield match[1], _parse_labels(match[2] or ""), float(match[3].replace("Inf", "inf"))


def _parse_labels(text: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    rest = text.strip()
    while rest:
        match = _LABEL.match(rest)
        if not match:
            raise ValueError(f"expected a label, got {rest[:80]!r}")
        labels[match[1]] = re.sub(r'\\[\\"n]', lambda escape: _ESCAPES[escape[0]], match[2])
        rest = rest[match.end() :]
    return labels


def _measure(worker: Worker, scrape: Round) -> None:
    labels = _labels(worker)
    for container in worker.containers:
        container_labels = {**labels, "container": container.name, "job": "kubelet"}
        usage = processes.usage(container.process.pid) if container.process else None
        if usage:
            scrape.samples.append(("container_cpu_usage_seconds_total", container_labels, usage[0]))
            scrape.samples.append(("container_memory_working_set_bytes", container_labels, float(usage[1])))
