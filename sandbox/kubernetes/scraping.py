"""Metrics of the pods: what they expose, by their annotations, and what a kubelet would say.

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
from sandbox.observability import intake
from sandbox.world import processes

Body = dict[str, Any]
EVERY = 5.0
TIMEOUT = 2.0
LARGEST = 4 << 20
_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$")
_LABEL = re.compile(r'([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


@dataclass
class Round:
    """What one round of scraping found, stored at once at its end."""

    at: float = field(default_factory=time.time)
    samples: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=dict)
    """Address → what went wrong."""

    def keep(self) -> None:
        with transaction.atomic():
            for name, labels, value in self.samples:
                intake.record_sample(name, labels, value, self.at)
            intake.record_targets(self.targets)


def run(stop: threading.Event) -> None:
    """Goes round all pods until it is stopped."""
    while not stop.wait(EVERY):
        found = Round()
        for worker in list(node.workers.values()):
            _measure(worker, found)
            _scrape(worker, found)
        found.keep()
    connections.close_all()


def _labels(worker: Worker) -> dict[str, str]:
    metadata = worker.pod["metadata"]
    app = (metadata.get("labels") or {}).get("app.kubernetes.io/name", "")
    return {"namespace": metadata["namespace"], "pod": metadata["name"], **({"app": app} if app else {})}


def _scrape(worker: Worker, found: Round) -> None:
    annotations = worker.pod["metadata"].get("annotations") or {}
    if annotations.get("prometheus.io/scrape") != "true" or worker.network is None:
        return
    port, path = annotations.get("prometheus.io/port", ""), annotations.get("prometheus.io/path", "/metrics")
    address = f"{worker.network.address}:{port}"
    labels = {**_labels(worker), "job": "kubernetes-pods", "instance": address}
    error = ""
    try:
        text = _get(worker, port, path)
        found.samples += [(name, {**own, **labels}, value) for name, own, value in samples(text)]
    except (OSError, ValueError, http.client.HTTPException) as problem:
        error = str(problem) or type(problem).__name__
    found.samples.append(("up", labels, 0.0 if error else 1.0))
    found.targets[f"http://{worker.pod['metadata']['name']}/{address}{path}"] = error


def _get(worker: Worker, port: str, path: str) -> str:
    if worker.network is None or not port.isdigit():
        raise ValueError(f"prometheus.io/port is {port!r}, not a port")
    connection = Connection(worker.network, int(port), TIMEOUT)
    try:
        connection.request("GET", path, headers={"Accept": "text/plain", "User-Agent": "Prometheus/3.0", "Host": "pod"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise ValueError(f"server returned HTTP status {answer.status} {answer.reason}")
        return answer.read(LARGEST).decode()
    finally:
        connection.close()


def samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Of the text exposition format: (name, labels, value) of every sample. Raises ValueError with the line that cannot be read."""
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _SAMPLE.match(stripped)
        if not found:
            raise ValueError(f"expected a sample, got {stripped[:80]!r}")
        yield found[1], _labels_of(found[2] or ""), float(found[3].replace("Inf", "inf"))


def _labels_of(text: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    rest = text.strip()
    while rest:
        found = _LABEL.match(rest)
        if not found:
            raise ValueError(f"expected a label, got {rest[:80]!r}")
        labels[found[1]] = re.sub(r'\\[\\"n]', lambda one: _ESCAPES[one[0]], found[2])
        rest = rest[found.end() :]
    return labels


def _measure(worker: Worker, found: Round) -> None:
    labels = _labels(worker)
    for container in worker.containers:
        own = {**labels, "container": container.name, "job": "kubelet"}
        used = processes.usage(container.process.pid) if container.process else None
        if used:
            found.samples.append(("container_cpu_usage_seconds_total", own, used[0]))
            found.samples.append(("container_memory_working_set_bytes", own, float(used[1])))
