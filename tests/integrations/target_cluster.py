"""A real API server, prepared with deploy/target-cluster exactly as it ships, and requests to it as anybody.

Its administrator impersonates the users whom a test acts for; Onramp's own accounts sign in with tokens of their own.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from integrations.cluster.kubernetes_resources import RESOURCES, Resource
from tests.deploy.kustomization import TARGET, objects
from tests.integrations import control_plane
from tests.integrations.control_plane import ControlPlane

Manifest = dict[str, Any]
ONRAMP, WEB = "system:serviceaccount:onramp-access:onramp", "system:serviceaccount:onramp-access:onramp-web"
ADMISSION = "admissionregistration.k8s.io"
OTHERS = {
    "Job": Resource("batch", "v1", "jobs"),
    "CronJob": Resource("batch", "v1", "cronjobs"),
    "StatefulSet": Resource("apps", "v1", "statefulsets"),
    "DaemonSet": Resource("apps", "v1", "daemonsets"),
    "ReplicationController": Resource("", "v1", "replicationcontrollers"),
    "PriorityClass": Resource("scheduling.k8s.io", "v1", "priorityclasses", namespaced=False),
    "ValidatingAdmissionPolicy": Resource(ADMISSION, "v1", "validatingadmissionpolicies", namespaced=False),
    "ValidatingAdmissionPolicyBinding": Resource(
        ADMISSION, "v1", "validatingadmissionpolicybindings", namespaced=False
    ),
}
"""Kinds that Onramp does not handle."""


@dataclass(frozen=True)
class Api:
    """Requests to the server, as its administrator or as whom it impersonates."""

    url: str
    ca_file: Path
    user: str = ""
    groups: Sequence[str] = ()

    def acting_as(self, user: str, *groups: str) -> "Api":
        return Api(self.url, self.ca_file, user, groups)

    def send(self, method: str, path: str, body: Any = None, content: str = "application/json") -> requests.Response:
        headers: dict[str, Any] = {
            "Authorization": f"Bearer {control_plane.TOKENS['platform']}",
            "Content-Type": content,
        }
        if self.user:
            headers["Impersonate-User"] = self.user
            headers |= {"Impersonate-Group": self.groups[0]} if self.groups else {}
        data = None if body is None else json.dumps(body)
        return requests.request(
            method, f"{self.url}{path}", data=data, headers=headers, verify=str(self.ca_file), timeout=30
        )

    def apply(self, manifest: Manifest, dry: bool = False) -> requests.Response:
        """A server-side apply; repeated while the quota of a new namespace is not known yet."""
        query = "fieldManager=operator&force=true&fieldValidation=Strict" + ("&dryRun=All" if dry else "")
        return self.send("PATCH", f"{path_of(manifest)}?{query}", manifest, "application/apply-patch+yaml")

    def allows(self, manifest: Manifest) -> str:
        """The server's refusal of a dry run; empty if it would accept the object."""
        response = self.apply(manifest, dry=True)
        return "" if response.ok else str(response.json().get("message", response.text))


def path_of(manifest: Manifest) -> str:
    kind, metadata = manifest["kind"], manifest["metadata"]
    resource = (RESOURCES | OTHERS)[kind]
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
    within = f"/namespaces/{metadata['namespace']}" if resource.namespaced else ""
    return f"{root}{within}/{resource.plural}/{metadata['name']}"


@contextmanager
def running(programs: Path, folder: Path) -> Iterator[ControlPlane]:
    """A control plane that an administrator has prepared for Onramp."""
    with control_plane.running(programs, folder) as plane:
        prepare(administrator(plane))
        yield plane


def administrator(plane: ControlPlane) -> Api:
    return Api(plane.url, plane.ca_file)


def prepare(api: Api) -> None:
    """Apply deploy/target-cluster and wait until its policies take effect."""
    for manifest in objects(TARGET):
        response = api.apply(manifest)
        assert response.ok, response.text
    _wait_for_policies(api)


def _wait_for_policies(api: Api) -> None:
    """The server reads all policies together, so once the last one refuses something, all of them do."""
    labels = {"onramp.dev/team": "canary"}
    canary = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "canary", "labels": labels}}
    assert api.apply(canary).ok
    budget = object_of("PodDisruptionBudget", "canary", "canary", spec={"maxUnavailable": 0})
    deadline = time.monotonic() + 30
    while not api.allows(budget):
        assert time.monotonic() < deadline, "the policies did not take effect within 30 s"
        time.sleep(0.1)
    api.send("DELETE", path_of(canary))


def token(api: Api, account: str) -> str:
    """A token of an account that the manifests create."""
    path = f"/api/v1/namespaces/onramp-access/serviceaccounts/{account}/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    return str(api.send("POST", path, body).json()["status"]["token"])


def object_of(kind: str, name: str, namespace: str, metadata: Mapping[str, Any] | None = None, **body: Any) -> Manifest:
    version = (RESOURCES | OTHERS)[kind].api_version
    named = {"name": name, "namespace": namespace, **(metadata or {})}
    return {"apiVersion": version, "kind": kind, "metadata": named, **body}
