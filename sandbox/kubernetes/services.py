"""Small controllers: the usage of quotas and the default service account of each namespace; and what a Service selects."""

from typing import Any

from sandbox.kubernetes import probes, quota, store
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named
from sandbox.kubernetes.workloads import is_ready

Body = dict[str, Any]
POD, ACCOUNT, QUOTA = (named(one) for one in ("Pod", "ServiceAccount", "ResourceQuota"))


def turn() -> None:
    """One look at every namespace and ResourceQuota."""
    for namespace in store.every(named("Namespace")):
        _default_account(namespace["metadata"]["name"])
    for one in store.every(QUOTA):
        _usage(one)


def _default_account(namespace: str) -> None:
    if store.find(ACCOUNT, namespace, "default") is not None:
        return
    metadata = {"name": "default", "namespace": namespace}
    try:
        store.create(
            ACCOUNT, store.stamp(ACCOUNT, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        )
    except Failure as failure:
        if failure.reason != "AlreadyExists":  # made by somebody at the same moment
            raise


def _usage(one: Body) -> None:
    metadata, hard = one["metadata"], (one.get("spec") or {}).get("hard") or {}
    status = {"hard": hard, "used": quota.used(metadata["namespace"], hard)}
    store.alter(QUOTA, one, lambda body: body.update(status=status))


def pods_of(service: Body) -> list[Body]:
    """The ready pods that a Service selects."""
    selector = (service.get("spec") or {}).get("selector") or {}
    pods = store.every(POD, service["metadata"]["namespace"]) if selector else []
    return [pod for pod in pods if is_ready(pod) and selector.items() <= (pod["metadata"].get("labels") or {}).items()]


def target(service: Body, port: int | str, pod: Body) -> int | None:
    """The pod's port behind a Service's port, given by number or name; None where the Service or pod has none such."""
    for one in service["spec"].get("ports") or []:
        if port in (one.get("port"), one.get("name")):
            return _target_port(pod, one.get("targetPort", one["port"]))
    return None


def _target_port(pod: Body, port: int | str) -> int | None:
    for container in pod["spec"]["containers"]:
        try:
            return probes.port_of(container, port)
        except ValueError:
            continue  # another container of the pod may name it
    return None
