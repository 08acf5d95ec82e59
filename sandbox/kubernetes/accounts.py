"""ServiceAccount admission: a pod's account must be there, and lends the pod its pull secrets.

Source: `plugin/pkg/admission/serviceaccount`, whose sentence this is.
"""

from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.failures import refused
from sandbox.kubernetes.kinds import Kind, named

Body = dict[str, Any]


def admit(kind: Kind, pod: Body, namespace: str) -> None:
    """Raises a 403 Failure for an account that nobody made; each namespace has a `default` from its beginning."""
    name = pod["spec"].get("serviceAccountName", "default")
    account = store.find(named("ServiceAccount"), namespace, name)
    if account is None and name != "default":
        says = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
        raise refused(kind, pod["metadata"].get("name", ""), says)
    lent = (account or {}).get("imagePullSecrets")
    if lent and not pod["spec"].get("imagePullSecrets"):
        pod["spec"]["imagePullSecrets"] = lent
