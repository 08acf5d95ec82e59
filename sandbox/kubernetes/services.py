"""Small controllers: Endpoints of Services, usage of quotas, the default service account of each namespace."""

from typing import Any

from sandbox.kubernetes import probes, quota, store
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named
from sandbox.kubernetes.workloads import is_ready

Body = dict[str, Any]
SERVICE, ENDPOINTS, POD, ACCOUNT, QUOTA = (
    named(one) for one in ("Service", "Endpoints", "Pod", "ServiceAccount", "ResourceQuota")
)


def turn() -> None:
    """One look at every namespace, Service and ResourceQuota."""
    for namespace in store.every(named("Namespace")):
        _default_account(namespace["metadata"]["name"])
    for service in store.every(SERVICE):
        _endpoints(service)
    for one in store.every(QUOTA):
        _usage(one)


def _default_account(namespace: str) -> None:
    if store.find(ACCOUNT, namespace, "default") is None:
        _create(
            ACCOUNT,
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}},
        )


def _create(kind: Any, body: Body) -> None:
    try:
        store.create(kind, store.stamp(kind, body))
    except Failure as failure:
        if failure.reason != "AlreadyExists":  # made by somebody at the same moment
            raise


def pods_of(service: Body) -> list[Body]:
    """The ready pods that a Service selects."""
    selector = (service.get("spec") or {}).get("selector") or {}
    if not selector:
        return []
    return [
        pod for pod in store.matching(store.every(POD, service["metadata"]["namespace"]), selector) if is_ready(pod)
    ]


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


def _endpoints(service: Body) -> None:
    metadata, pods = service["metadata"], pods_of(service)
    addresses = [{"ip": pod["status"]["podIP"], "nodeName": "sandbox", "targetRef": _reference(pod)} for pod in pods]
    ports = [
        {"port": number, "protocol": one.get("protocol", "TCP"), **({"name": one["name"]} if one.get("name") else {})}
        for one in service["spec"].get("ports") or []
        if pods and (number := _target_port(pods[0], one.get("targetPort", one["port"])))
    ]
    subsets = [{"addresses": addresses, "ports": ports}] if addresses and ports else []
    found = store.find(ENDPOINTS, metadata["namespace"], metadata["name"])
    if found is None:
        owner = {"apiVersion": "v1", "kind": "Service", "name": metadata["name"], "uid": metadata["uid"]}
        about = {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "labels": metadata.get("labels") or {},
            "ownerReferences": [owner],
        }
        _create(ENDPOINTS, {"apiVersion": "v1", "kind": "Endpoints", "metadata": about, "subsets": subsets})
    elif found.get("subsets") != subsets:
        store.change(ENDPOINTS, metadata["namespace"], metadata["name"], lambda body: body.update(subsets=subsets))


def _reference(pod: Body) -> Body:
    metadata = pod["metadata"]
    return {"kind": "Pod", "name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"]}


def _usage(one: Body) -> None:
    metadata, hard = one["metadata"], (one.get("spec") or {}).get("hard") or {}
    status = {"hard": hard, "used": quota.used(metadata["namespace"], hard)}
    if one.get("status") != status:
        store.change(
            QUOTA, metadata["namespace"], metadata["name"], lambda body: body.update(status=status), uid=metadata["uid"]
        )
