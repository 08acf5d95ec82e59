"""Every pod of the store gets a thread that keeps its containers as they should be and reports how they are."""

import copy
import logging
import shutil
import threading
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from sandbox.kubernetes import happenings, network, store
from sandbox.kubernetes.containers import Container
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
logger = logging.getLogger(__name__)
POD = named("Pod")
NODE = "sandbox"
TURN = 0.2
A_MOMENT = 1.0
PRETENDED = "sandbox.onramp.dev/pretended"
_numbers = count(2)


def _next_address() -> str:
    number = next(_numbers) % 65000
    return f"10.42.{number >> 8}.{number & 255}"


class Worker:
    """One pod on this machine."""

    def __init__(self, pod: Body) -> None:
        self.pod = pod
        self.uid: str = pod["metadata"]["uid"]
        self.network: network.Network | None = None
        self._reported: list[Body] | None = None
        self.containers: list[Container] = []
        self._stopped, self._removed = threading.Event(), False
        self._thread = threading.Thread(target=self._live, name=f"pod {pod['metadata']['name']}", daemon=True)
        self._thread.start()

    def _live(self) -> None:
        """Until it is stopped. Whatever goes wrong, it is begun anew after a moment, as a kubelet does."""
        try:
            while not self._stopped.is_set():
                try:
                    self._keep()
                except Exception:
                    logger.exception("the pod %s cannot be kept; it is begun anew", self.pod["metadata"]["name"])
                    self._give_up()
                    self._stopped.wait(A_MOMENT)
        finally:
            self._end()
            connections.close_all()

    def _keep(self) -> None:
        self._begin()
        while not self._stopped.is_set():
            for container in self.containers:
                container.step()
            self._report()
            self._stopped.wait(TURN)

    def _give_up(self) -> None:
        """Stop what was begun, so that beginning anew finds nothing in its way."""
        for container in self.containers:
            container.stop()
        if self.network is not None:
            self.network.close()
        self.containers, self.network, self._reported = [], None, None

    def _begin(self) -> None:
        before = {one["name"]: one for one in (self.pod.get("status") or {}).get("containerStatuses") or []}
        made = network.of_pod(self.pod, _next_address())
        self.network = made
        place = f"{self.pod['metadata']['namespace']}/{self.pod['metadata']['name']}"
        happenings.tell(self.pod, "Scheduled", f"Successfully assigned {place} to {NODE}")
        if made.says:
            happenings.tell(self.pod, "PortMapped", made.says)
        self.containers = [
            Container(self.pod, spec, made, before.get(spec["name"])) for spec in self.pod["spec"]["containers"]
        ]

    def _end(self) -> None:
        self._give_up()
        if self._removed:
            shutil.rmtree(Path(settings.DATA) / "pods" / self.uid, ignore_errors=True)

    def stop(self, removed: bool = False) -> None:
        """Its processes end; where the pod is gone from the store, its files go too."""
        self._removed = removed
        self._stopped.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    @property
    def ready(self) -> bool:
        return bool(self.containers) and all(container.ready for container in self.containers)

    def phase(self) -> str:
        ended = [container.state.get("terminated") for container in self.containers]
        if ended and all(ended):
            return "Failed" if any(one and one["exitCode"] for one in ended) else "Succeeded"
        begun = bool(self.containers) and all(one.running or one.last_state for one in self.containers)
        return "Running" if begun else "Pending"

    def _report(self) -> None:
        """Writes how the pod is, when that has changed."""
        found = [container.status() for container in self.containers]
        if found == self._reported:
            return
        self._reported = copy.deepcopy(found)
        store.alter(POD, self.pod, self._write)

    def _write(self, pod: Body) -> None:
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
        pretended = "; ".join(container.pretended for container in self.containers if container.pretended)
        if pretended:
            pod["metadata"].setdefault("annotations", {})[PRETENDED] = pretended

    def _conditions(self, before: list[Body]) -> list[Body]:
        unready = " ".join(container.name for container in self.containers if not container.ready)
        why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{unready}]"}
        known = {one["type"]: one for one in before}
        made = [_condition(kind, True, {}, known.get(kind)) for kind in ("PodScheduled", "Initialized")]
        for kind in ("ContainersReady", "Ready"):
            made.append(_condition(kind, not unready, why if unready else {}, known.get(kind)))
        return made


def _condition(kind: str, holds: bool, why: Body, before: Body | None) -> Body:
    status = "True" if holds else "False"
    since = before["lastTransitionTime"] if before and before["status"] == status else store.now()
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since, **why}


class Kubelet:
    """The workers of all pods, by uid."""

    def __init__(self) -> None:
        self.workers: dict[str, Worker] = {}

    def turn(self) -> None:
        """Gives new pods a worker and ends those of pods that are gone."""
        pods = {pod["metadata"]["uid"]: pod for pod in store.every(POD)}
        for uid in [uid for uid in self.workers if uid not in pods]:
            self.workers.pop(uid).stop(removed=True)
        for uid, pod in pods.items():
            if uid not in self.workers and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
                self.workers[uid] = Worker(pod)

    def stop(self) -> None:
        """Ends every process and leaves the pods in the store, to be started again by the next run."""
        for worker in self.workers.values():
            worker.stop()
        for worker in self.workers.values():
            worker.join(8)


node = Kubelet()
"""This machine, the only one of the cluster."""
