"""The endpoints of Services: the ready pods that a Service selects, and the ports behind its ports."""

from typing import Any

from sandbox.kubernetes import probes, store
from sandbox.kubernetes.kinds import named
from sandbox.kubernetes.workloads import is_ready

Body = dict[str, Any]


def ready_pods(service: Body) -> list[Body]:
    """The ready pods that a Service selects."""
    selector = (service.get("spec") or {}).get("selector") or {}
    pods = store.list_objects(named("Pod"), service["metadata"]["namespace"]) if selector else []
    return [pod for pod in pods if is_ready(pod) and selector.items() <= (pod["metadata"].get("labels") or {}).items()]


def target_port(service: Body, port: int | str, pod: Body) -> int | None:
    """The pod's port behind a Service's port, which is a number or a name. None if either has no such port."""
    for declared in service["spec"].get("ports") or []:
        if port in (declared.get("port"), declared.get("name")):
            return _container_port(pod, declared.get("targetPort", declared["port"]))
    return None


def _container_port(pod: Body, port: int | str) -> int | None:
    for container in pod["spec"]["containers"]:
        try:
            return probes.port_number(container, port)
        except ValueError:
            continue  # another container of the pod can have this name
    return None
