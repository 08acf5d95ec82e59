"""Metrics of the pods: what they expose, by their annotations, and what kubelet and kube-state-metrics would say."""

import http.client
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction

from sandbox.kubernetes import exposition
from sandbox.kubernetes.kubelet import Worker, node
from sandbox.kubernetes.probes import Connection
from sandbox.observability import intake
from sandbox.world import processes

Body = dict[str, Any]
EVERY = 5.0
TIMEOUT = 2.0
LARGEST = 4 << 20
PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")


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
        found.samples += [
            (name, {**_exported(own, labels), **labels}, value) for name, own, value in exposition.samples(text)
        ]
    except (OSError, ValueError, http.client.HTTPException) as problem:
        error = str(problem) or type(problem).__name__
    found.samples.append(("up", labels, 0.0 if error else 1.0))
    found.targets[f"http://{worker.pod['metadata']['name']}/{address}{path}"] = error


def _exported(own: dict[str, str], labels: dict[str, str]) -> dict[str, str]:
    """A label of the program that the scrape sets too is kept as `exported_…`, as Prometheus does."""
    return {(f"exported_{name}" if name in labels else name): value for name, value in own.items()}


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


def _measure(worker: Worker, found: Round) -> None:
    labels = _labels(worker)
    phase = worker.phase()
    found.samples += [
        ("kube_pod_status_phase", {**labels, "phase": one, "job": "kube-state-metrics"}, float(one == phase))
        for one in PHASES
    ]
    for container in worker.containers:
        own = {**labels, "container": container.name, "job": "kubelet"}
        restarts = {**own, "job": "kube-state-metrics"}
        found.samples.append(("kube_pod_container_status_restarts_total", restarts, float(container.restarts)))
        used = processes.usage(container.process.pid) if container.process else None
        if used:
            found.samples.append(("container_cpu_usage_seconds_total", own, used[0]))
            found.samples.append(("container_memory_working_set_bytes", own, float(used[1])))
