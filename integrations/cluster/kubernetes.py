"""Kubernetes as the cluster, by its API with server-side apply.

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import quote

import yaml
from kubernetes.client import Configuration
from kubernetes.config import ConfigException
from kubernetes.config.kube_config import load_kube_config
from pydantic import BaseModel, Field, SecretStr, model_validator

from integrations import http
from integrations.cluster import MANAGER, Applied, Happening, Manifest, Manifests, Verdict, Workload, kubernetes_pods
from integrations.cluster.kubernetes_client import PROVIDER, Requests, cause_of
from integrations.errors import Conflict, IntegrationError, Invalid, Missing, Transient

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
LARGEST_LIST = 500
"""Objects in one answer; longer lists are read in several, as the API offers it."""


class Options(BaseModel):
    """PORTAL_CLUSTER_KUBERNETES_…"""

    api_url: str = Field(default="", description="address of the API server")
    token: SecretStr = Field(default=SecretStr(""), description="bearer token of Onramp's own account")
    ca_file: Path | None = Field(default=None, description="certificate authority of the API server, where private")
    kubeconfig: Path | None = Field(default=None, description="a kubeconfig file instead of address and token")
    timeout: float = Field(default=http.TIMEOUT, gt=0, description="seconds for a whole exchange")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if not self.kubeconfig and not (self.api_url and self.token.get_secret_value()):
            raise ValueError("set API_URL and TOKEN, or KUBECONFIG")
        return self


@dataclass(frozen=True)
class Place:
    """Where the API serves a kind."""

    group: str
    version: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


RBAC = "rbac.authorization.k8s.io"
PLACES = {
    "Namespace": Place("", "v1", "namespaces", namespaced=False),
    "ResourceQuota": Place("", "v1", "resourcequotas"),
    "LimitRange": Place("", "v1", "limitranges"),
    "Secret": Place("", "v1", "secrets"),
    "ConfigMap": Place("", "v1", "configmaps"),
    "ServiceAccount": Place("", "v1", "serviceaccounts"),
    "Service": Place("", "v1", "services"),
    "Pod": Place("", "v1", "pods"),
    "Event": Place("", "v1", "events"),
    "Deployment": Place("apps", "v1", "deployments"),
    "ReplicaSet": Place("apps", "v1", "replicasets"),
    "NetworkPolicy": Place("networking.k8s.io", "v1", "networkpolicies"),
    "Ingress": Place("networking.k8s.io", "v1", "ingresses"),
    "HorizontalPodAutoscaler": Place("autoscaling", "v2", "horizontalpodautoscalers"),
    "PodDisruptionBudget": Place("policy", "v1", "poddisruptionbudgets"),
    "Role": Place(RBAC, "v1", "roles"),
    "RoleBinding": Place(RBAC, "v1", "rolebindings"),
    "ClusterRole": Place(RBAC, "v1", "clusterroles", namespaced=False),
    "ClusterRoleBinding": Place(RBAC, "v1", "clusterrolebindings", namespaced=False),
}


class Kubernetes:
    """Keeps the promise of `integrations.cluster.Cluster`."""

    def __init__(self, options: Options) -> None:
        self._requests = Requests(_configuration(options), options.timeout)

    def ready(self) -> None:
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        with http.free():
            self._requests.json("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=review)

    def version(self) -> str:
        return str(self._requests.json("GET", "/version").body.get("gitVersion", ""))

    def get(self, kind: str, namespace: str | None, name: str) -> Manifest | None:
        try:
            return self._requests.json("GET", _path(kind, namespace, name)).body
        except Missing:
            return None

    def keys(self, namespace: str, name: str) -> frozenset[str]:
        found = self.get("Secret", namespace, name)
        return frozenset((found or {}).get("data") or {})

    def list(self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> Manifests:
        selector = ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items()))
        return self._pages(kind, namespace, {"labelSelector": selector} if selector else {})

    def _pages(self, kind: str, namespace: str | None, query: dict[str, str]) -> Manifests:
        found: Manifests = []
        following = ""
        while True:
            asked = {**query, "limit": str(LARGEST_LIST), **({"continue": following} if following else {})}
            try:
                page = self._requests.json("GET", _path(kind, namespace), asked).body
            except Missing as error:
                if not following:
                    raise
                raise Transient(PROVIDER, "the list changed while it was read", ambiguous=False) from error
            typed = {"apiVersion": PLACES[kind].api_version, "kind": kind}  # items come without
            found += [{**typed, **one} for one in page.get("items") or []]
            following = page.get("metadata", {}).get("continue", "")
            if not following:
                return found

    def dry_run(self, objects: Sequence[Manifest], manager: str = MANAGER) -> Sequence[Verdict]:
        with http.free():
            return [verdict for one in objects if (verdict := self._refusal(one, manager))]

    def _refusal(self, manifest: Manifest, manager: str) -> Verdict | None:
        try:
            self._apply(manifest, {"fieldManager": manager, "dryRun": "All"})
        except IntegrationError as error:
            cause = cause_of(error)
            if cause is None:
                raise
            return Verdict(manifest.get("kind", ""), _named(manifest)[1], error.detail or error.message, cause)
        return None

    def may(self, verb: str, kind: str, namespace: str | None, user: str = "") -> bool:
        place = _place(kind)
        asked = {"verb": verb, "group": place.group, "resource": place.plural, "namespace": namespace or ""}
        review = "SubjectAccessReview" if user else "SelfSubjectAccessReview"
        spec = {"resourceAttributes": asked, **({"user": user} if user else {})}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": review, "spec": spec}
        with http.free():
            answer = self._requests.json("POST", f"/apis/authorization.k8s.io/v1/{review.lower()}s", body=body).body
        return bool(answer.get("status", {}).get("allowed"))

    def workload(self, namespace: str, name: str) -> Workload | None:
        deployment = self.get("Deployment", namespace, name)
        if deployment is None:
            return None
        labels = deployment["spec"]["selector"].get("matchLabels") or {}
        sets, pods = self.list("ReplicaSet", namespace, labels), self.list("Pod", namespace, labels)
        return kubernetes_pods.workload(deployment, sets, pods)

    def logs(self, namespace: str, pod: str, lines: int = 100) -> str:
        path, query = f"{_path('Pod', namespace, pod)}/log", {"tailLines": str(lines)}
        printed = self._requests.text(path, query)
        if printed.strip():
            return printed
        try:
            return self._requests.text(path, {**query, "previous": "true"})
        except Invalid:  # there was no instance before this one
            return printed

    def events(self, namespace: str, name: str = "") -> Sequence[Happening]:
        found = self._pages("Event", namespace, {"fieldSelector": f"involvedObject.name={name}"} if name else {})
        happenings = [_happening(event) for event in found]
        return sorted(happenings, key=lambda one: one.at.timestamp() if one.at else 0.0)

    def apply(self, manifest: Manifest, manager: str = MANAGER, force: bool = False) -> Applied:
        return self._apply(manifest, {"fieldManager": manager, "force": "true" if force else "false"})

    def _apply(self, manifest: Manifest, query: dict[str, str]) -> Applied:
        path = _path(manifest.get("kind", ""), *_named(manifest))
        answer = self._requests.json("PATCH", path, query, manifest, APPLY)
        metadata = answer.body.get("metadata", {})
        # a dry run of something new has no version
        version = metadata.get("resourceVersion", "")
        return Applied(metadata.get("uid", ""), version, answer.status == 201, answer.warnings, answer.body)

    def enter(self, namespace: str, name: str, values: Mapping[str, str], labels: Mapping[str, str]) -> None:
        metadata = {"name": name, "namespace": namespace, "labels": dict(labels)}
        self.apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"}, f"{MANAGER}-settings"
        )
        # A patch, and no apply: an apply takes away what it names no longer, which are the values entered before.
        patch = {"stringData": dict(values)}
        query = {"fieldManager": f"{MANAGER}-settings"}
        self._requests.json("PATCH", _path("Secret", namespace, name), query, patch, MERGE)

    def forget(self, namespace: str, name: str) -> None:
        self.delete("Secret", namespace, name, f"{MANAGER}-settings")

    def delete(self, kind: str, namespace: str | None, name: str, manager: str = MANAGER) -> None:
        found = self.get(kind, namespace, name)
        if found is None:
            return
        if not any(entry.get("manager") == manager for entry in found["metadata"].get("managedFields") or []):
            raise Conflict(PROVIDER, f"{kind} {name} was not made by {manager}, so it stays")
        seen = {"uid": found["metadata"]["uid"]}  # and not its version: controllers write into what is ours, too
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": seen, "propagationPolicy": "Background"}
        with suppress(Missing):
            self._requests.json("DELETE", _path(kind, namespace, name), body=body)


def _configuration(options: Options) -> Configuration:
    configuration = Configuration()
    if options.kubeconfig:
        try:
            load_kube_config(  # type: ignore[no-untyped-call]
                str(options.kubeconfig), client_configuration=configuration, persist_config=False
            )
        except (ConfigException, OSError, yaml.YAMLError) as error:
            raise Invalid(PROVIDER, f"the kubeconfig cannot be read: {error}") from error
        return configuration
    configuration.host = options.api_url.rstrip("/")
    configuration.api_key = {"authorization": f"Bearer {options.token.get_secret_value()}"}
    configuration.ssl_ca_cert = str(options.ca_file) if options.ca_file else None
    return configuration


def _place(kind: str) -> Place:
    """Raises `Invalid` for a kind that we do not write."""
    if kind not in PLACES:
        raise Invalid(PROVIDER, f"{kind or 'an object without a kind'} is nothing that we write")
    return PLACES[kind]


def _path(kind: str, namespace: str | None, name: str = "") -> str:
    place = _place(kind)
    root = f"/apis/{place.api_version}" if place.group else f"/api/{place.version}"
    within = f"/namespaces/{quote(namespace, safe='')}" if place.namespaced and namespace else ""
    return f"{root}{within}/{place.plural}" + (f"/{quote(name, safe='')}" if name else "")


def _named(manifest: Manifest) -> tuple[str, str]:
    """(namespace, name). Raises `Invalid` for an object without a name."""
    metadata = manifest.get("metadata") or {}
    if not metadata.get("name"):
        raise Invalid(PROVIDER, f"{manifest.get('kind', 'an object')} has no name")
    return metadata.get("namespace", ""), metadata["name"]


def _happening(event: Manifest) -> Happening:
    about, series = event.get("involvedObject") or {}, event.get("series") or {}
    times = (event.get("lastTimestamp"), series.get("lastObservedTime"), event.get("eventTime"))
    said = next(filter(None, times), event["metadata"].get("creationTimestamp"))
    return Happening(
        at=datetime.fromisoformat(said) if said else None,
        kind=about.get("kind", ""),
        name=about.get("name", ""),
        reason=event.get("reason", ""),
        says=event.get("message", ""),
        warning=event.get("type") == "Warning",
        times=event.get("count") or series.get("count") or 1,
    )
