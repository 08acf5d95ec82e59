"""The kubelet: each pod in the store has a thread that runs its containers and reports its status."""

import copy
import logging
import shutil
import threading
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from sandbox.kubernetes import events, network, store
from sandbox.kubernetes.containers import Container
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
logger = logging.getLogger(__name__)
POD = named("Pod")
NODE = "sandbox"
STEP_PERIOD = 0.2
RESTART_DELAY = 1.0
SIMULATED = "sandbox.onramp.dev/simulated"
"""The annotation of a pod that only counts as running. Its value is the reason."""
_numbers = count(2)


def _next_address() -> str:
    number = next(_numbers) % 65000
    return f"10.42.{number >> 8}.{number & 255}"


class Worker:
    """A pod on this machine, in a thread."""

    def __init__(self, pod: Body) -> None:
        self.pod = pod
        self.uid: str = pod["metadata"]["uid"]
        self.network: network.Network | None = None
        self._reported: list[Body] | None = None
        self.containers: list[Container] = []
        self._stopped, self._removed = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name=f"pod {pod['metadata']['name']}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Run the pod until it is stopped. After an unexpected error it starts again, as with a real kubelet."""
        try:
            while not self._stopped.is_set():
                try:
                    self._run_once()
                except Exception:
                    logger.exception("the pod %s has failed and is started again", self.pod["metadata"]["name"])
                    self._clean_up()
                    self._stopped.wait(RESTART_DELAY)
        finally:
            self._end()
            connections.close_all()

    def _run_once(self) -> None:
        self._begin()
        while not self._stopped.is_set():
            for container in self.containers:
                container.step()
            self._report()
            self._stopped.wait(STEP_PERIOD)

    def _clean_up(self) -> None:
        """Stop everything, so that the pod can start again."""
        for container in self.containers:
            container.stop()
        if self.network is not None:
            self.network.close()
        self.containers, self.network, self._reported = [], None, None

    def _begin(self) -> None:
        statuses = (self.pod.get("status") or {}).get("containerStatuses") or []
        before = {status["name"]: status for status in statuses}
        pod_network = network.create(self.pod, _next_address())
        self.network = pod_network
        name = f"{self.pod['metadata']['namespace']}/{self.pod['metadata']['name']}"
        events.record(self.pod, "Scheduled", f"Successfully assigned {name} to {NODE}")
        if pod_network.limitation:
            events.record(self.pod, "PortMapped", pod_network.limitation)
        self.containers = [
            Container(self.pod, spec, pod_network, before.get(spec["name"])) for spec in self.pod["spec"]["containers"]
        ]

    def _end(self) -> None:
        self._clean_up()
        if self._removed:
            shutil.rmtree(Path(settings.DATA) / "pods" / self.uid, ignore_errors=True)

    def stop(self, removed: bool = False) -> None:
        """End the pod's processes. With `removed`, also delete its files."""
        self._removed = removed
        self._stopped.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    @property
    def ready(self) -> bool:
        return bool(self.containers) and all(container.ready for container in self.containers)

    def phase(self) -> str:
        terminated = [container.state.get("terminated") for container in self.containers]
        if terminated and all(terminated):
            return "Failed" if any(state and state["exitCode"] for state in terminated) else "Succeeded"
        started = [container.running or container.last_state for container in self.containers]
        return "Running" if started and all(started) else "Pending"

    def _report(self) -> None:
        """Store the pod's status if it has changed."""
        statuses = [container.status() for container in self.containers]
        if statuses == self._reported:
            return
        self._reported = copy.deepcopy(statuses)
        store.alter(POD, self.pod, self._write_status)

    def _write_status(self, pod: Body) -> None:
        address = self.network.address if self.network else ""
        before = pod.get("status") or {}
        pod["spec"]["nodeName"] = NODE
        pod["status"] = {
            "phase": self.phase(),
            "conditions": self._conditions(before.get("conditions") or []),
            "hostIP": "127.0.0.1",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "startTime": before.get("startTime") or store.now(),
            "containerStatuses": [container.status() for container in self.containers],
        }
        simulated = "; ".join(container.simulated for container in self.containers if container.simulated)
        if simulated:
            pod["metadata"].setdefault("annotations", {})[SIMULATED] = simulated

    def _conditions(self, before: list[Body]) -> list[Body]:
        unready = " ".join(container.name for container in self.containers if not container.ready)
        problem = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{unready}]"}
        previous = {condition["type"]: condition for condition in before}
        conditions = [_condition(kind, True, {}, previous.get(kind)) for kind in ("PodScheduled", "Initialized")]
        for kind in ("ContainersReady", "Ready"):
            conditions.append(_condition(kind, not unready, problem if unready else {}, previous.get(kind)))
        return conditions


def _condition(kind: str, holds: bool, problem: Body, before: Body | None) -> Body:
    status = "True" if holds else "False"
    since = before["lastTransitionTime"] if before and before["status"] == status else store.now()
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since, **problem}


class Kubelet:
    """The workers of all pods, by uid."""

    def __init__(self) -> None:
        self.workers: dict[str, Worker] = {}

    def reconcile(self) -> None:
        """Start a worker for each new pod, and stop those of removed pods."""
        pods = {pod["metadata"]["uid"]: pod for pod in store.list_objects(POD)}
        for uid in [uid for uid in self.workers if uid not in pods]:
            self.workers.pop(uid).stop(removed=True)
        for uid, pod in pods.items():
            if uid not in self.workers and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
                self.workers[uid] = Worker(pod)

    def stop(self) -> None:
        """End every process. The pods stay in the store and start with the next run of the sandbox."""
        for worker in self.workers.values():
            worker.stop()
        for worker in self.workers.values():
            worker.join(8)


node = Kubelet()
"""This machine, the only node of the cluster."""
