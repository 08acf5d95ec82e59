"""What Onramp's account may change, as the ValidatingAdmissionPolicies that it ships for a cluster say.

The same policies restrict what teams may deploy; those are not simulated.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.kubernetes import store
from sandbox.kubernetes.authentication import ONRAMP
from sandbox.kubernetes.authorization import ALLOWANCES
from sandbox.kubernetes.failures import Failure, object_details
from sandbox.kubernetes.kinds import named

if TYPE_CHECKING:
    from sandbox.kubernetes.writing import Write

Body = dict[str, Any]
POLICY = "onramp-changes-only-namespaces-of-teams"
TEAM, LEVEL = "onramp.dev/team", "pod-security.kubernetes.io/enforce"
RESERVED = ("default", "onramp", "onramp-access", ALLOWANCES)


def admit(write: "Write", body: Body | None, live: Body | None) -> None:
    """Raises a 422 Failure, as a policy without a reason of its own does. `body` is None for a deletion."""
    if write.user.name != ONRAMP:
        return
    for message in _violations(write, body, live):
        denied = f"ValidatingAdmissionPolicy '{POLICY}' with binding '{POLICY}' denied request: {message}"
        problem = f'{write.kind.resource} "{write.name}" is forbidden: {denied}'
        raise Failure(422, "Invalid", problem, object_details(write.kind, write.name))


def _violations(write: "Write", body: Body | None, live: Body | None) -> Iterator[str]:
    is_namespace = write.kind.kind == "Namespace"
    name = write.name if is_namespace else write.namespace
    existing = live if is_namespace else store.find(named("Namespace"), "", name)
    if name == ALLOWANCES:
        yield "only the platform team grants allowances"
    if name.startswith("kube-") or name in RESERVED:
        yield "Onramp changes nothing in the namespaces of the cluster and of the platform"
    if existing is not None and not _label(existing, TEAM):
        yield "Onramp changes only namespaces that are labelled onramp.dev/team"
    if is_namespace and body is not None and not _is_labelled(body, live):
        yield "Onramp labels a namespace with its team once, and always at the restricted level"
    yield from _object_violations(write)


def _object_violations(write: "Write") -> Iterator[str]:
    kind, name = write.kind.kind, write.name
    if kind == "Secret" and name != "registry" and not name.endswith("-settings"):
        yield "Onramp writes no Secrets except registry and those that end in -settings"
    if kind == "ServiceAccount" and name != "default":
        yield "Onramp writes no ServiceAccount except default"
    if kind == "Pod" and not write.dry:
        yield "Onramp creates pods as a dry run only"


def _is_labelled(body: Body, live: Body | None) -> bool:
    same = live is None or _label(live, TEAM) == _label(body, TEAM)
    return bool(_label(body, TEAM)) and same and _label(body, LEVEL) == "restricted"


def _label(body: Body, name: str) -> str:
    return str((body["metadata"].get("labels") or {}).get(name, ""))
