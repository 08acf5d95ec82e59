"""Service accounts: the default account of each namespace, and the account of a new pod."""

from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.failures import Failure, forbidden
from sandbox.kubernetes.kinds import Kind, named

Body = dict[str, Any]
ACCOUNT = named("ServiceAccount")


def reconcile() -> None:
    """Create the missing default account of every namespace."""
    for namespace in store.list_objects(named("Namespace")):
        _ensure_default(namespace["metadata"]["name"])


def _ensure_default(namespace: str) -> None:
    if store.find(ACCOUNT, namespace, "default") is not None:
        return
    metadata = {"name": "default", "namespace": namespace}
    body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    try:
        store.create(ACCOUNT, store.stamp(ACCOUNT, body))
    except Failure as failure:
        if failure.reason != "AlreadyExists":  # a concurrent request has created it
            raise


def admit(kind: Kind, pod: Body, namespace: str) -> None:
    """Add the pull secrets of the pod's account to the pod. Raises a 403 Failure if the account does not exist.

    The account `default` counts as existing even before its controller has created it.
    """
    name = pod["spec"].get("serviceAccountName", "default")
    account = store.find(ACCOUNT, namespace, name)
    if account is None and name != "default":
        problem = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
        raise forbidden(kind, pod["metadata"].get("name", ""), problem)
    pull_secrets = (account or {}).get("imagePullSecrets")
    if pull_secrets and not pod["spec"].get("imagePullSecrets"):
        pod["spec"]["imagePullSecrets"] = pull_secrets
