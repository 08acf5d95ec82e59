"""Kubernetes as the cluster, by its API with server-side apply.

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from pydantic import BaseModel, Field

from integrations import answers, http
from integrations.cluster import (
    CAPABILITY,
    MANAGER,
    Applied,
    ClusterEvent,
    Manifest,
    Manifests,
    Refusal,
    Workload,
    kubernetes_pods,
)
from integrations.cluster.kubernetes_client import PROVIDER, Requests, reading_manifests, refusal_reason
from integrations.cluster.kubernetes_options import Options
from integrations.cluster.kubernetes_resources import path, path_of, resource
from integrations.errors import Conflict, IntegrationError, Invalid, Missing, Transient

__all__ = ["Kubernetes", "Options"]

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
SECRET_MANAGER = f"{MANAGER}-settings"
"""The field manager of the values that people save."""
PAGE_SIZE = 100
"""Objects in one answer, so that it is not too large; longer lists are read page by page, as the API offers it."""
MAX_PAGES = 100
NO_DRY_RUN = "does not support dry run"
"""What the API server says where an admission webhook has side effects: then only the apply itself can tell."""
WRITTEN_BY_SERVER = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp")


class _UserInfo(BaseModel):
    username: str


class _ReviewStatus(BaseModel):
    user: _UserInfo = Field(alias="userInfo")


class _SelfSubjectReview(BaseModel):
    status: _ReviewStatus


class Kubernetes:
    """Implements `integrations.cluster.Cluster`."""

    name = PROVIDER

    def __init__(self, options: Options, headers: Mapping[str, str] | None = None) -> None:
        self._options = options
        self._requests = Requests(options.configuration(), options.timeout, headers)

    def impersonating(self, user: str, group: str = "") -> "Kubernetes":
        # https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
        return Kubernetes(self._options, {"Impersonate-User": user, **({"Impersonate-Group": group} if group else {})})

    def ready(self) -> None:
        self.user()

    def user(self) -> str:
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        with http.side_effect_free():
            answer = self._requests.json("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=review)
        return answers.parse(PROVIDER, _SelfSubjectReview, answer.body).status.user.username

    def version(self) -> str:
        return str(self._requests.json("GET", "/version").body.get("gitVersion", ""))

    def get(self, kind: str, namespace: str | None, name: str) -> Manifest | None:
        try:
            return self._secret(namespace, name) if kind == "Secret" else self._object(kind, namespace, name)
        except Missing:
            return None

    def list(self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> Manifests:
        selector = ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items()))
        return self._all(kind, namespace, {"labelSelector": selector} if selector else {})

    def secret_keys(self, namespace: str, name: str) -> frozenset[str]:
        secret = self.get("Secret", namespace, name) or {}
        with reading_manifests():
            return frozenset(secret.get("data") or {})

    def dry_run(self, objects: Sequence[Manifest], manager: str = MANAGER) -> Sequence[Refusal]:
        with http.side_effect_free():
            return [refusal for manifest in objects if (refusal := self._refusal(manifest, manager))]

    def outdated(self, objects: Sequence[Manifest]) -> Sequence[Manifest]:
        with http.side_effect_free():
            return [manifest for manifest in objects if self._differs(manifest)]

    def _differs(self, manifest: Manifest) -> bool:
        metadata = manifest["metadata"]
        existing = self.get(manifest["kind"], metadata.get("namespace"), metadata["name"])
        if existing is None:
            return True
        try:
            applied = self._apply(manifest, {"fieldManager": MANAGER, "dryRun": "All"}).result
        except IntegrationError as error:
            if refusal_reason(error) is None:
                raise
            return NO_DRY_RUN not in error.detail
        with reading_manifests():
            return _content(applied) != _content(existing)

    def may(self, verb: str, kind: str, namespace: str | None, user: str = "") -> bool:
        name, _, subresource = kind.partition("/")
        served = resource(name)
        action = {"verb": verb, "group": served.group, "resource": served.plural, "namespace": namespace or ""}
        action |= {"subresource": subresource} if subresource else {}
        review = "SubjectAccessReview" if user else "SelfSubjectAccessReview"
        spec = {"resourceAttributes": action, **({"user": user} if user else {})}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": review, "spec": spec}
        with http.side_effect_free():
            answer = self._requests.json("POST", f"/apis/authorization.k8s.io/v1/{review.lower()}s", body=body).body
        with reading_manifests():
            return bool(answer["status"]["allowed"])

    def workload(self, namespace: str, name: str) -> Workload | None:
        deployment = self.get("Deployment", namespace, name)
        if deployment is None:
            return None
        with reading_manifests():
            labels = deployment["spec"]["selector"].get("matchLabels") or {}
            replica_sets, pods = self.list("ReplicaSet", namespace, labels), self.list("Pod", namespace, labels)
            return kubernetes_pods.workload(deployment, replica_sets, pods)

    def logs(self, namespace: str, pod: str, lines: int = 100) -> str:
        log, query = f"{path('Pod', namespace, pod)}/log", {"tailLines": str(lines)}
        text = self._requests.log(log, query)
        if text.strip():
            return text
        try:
            return self._requests.log(log, {**query, "previous": "true"})
        except Invalid:  # there was no instance before this one
            return text

    def events(self, namespace: str, name: str = "") -> Sequence[ClusterEvent]:
        manifests = self._all("Event", namespace, {"fieldSelector": f"involvedObject.name={name}"} if name else {})
        with reading_manifests():
            events = [_event(manifest) for manifest in manifests]
            return sorted(events, key=lambda event: event.at.timestamp() if event.at else 0.0)

    def apply(self, manifest: Manifest, manager: str = MANAGER, force: bool = False) -> Applied:
        return self._apply(manifest, {"fieldManager": manager, "force": "true" if force else "false"})

    def set_secret_values(
        self, namespace: str, name: str, values: Mapping[str, str], labels: Mapping[str, str]
    ) -> None:
        metadata = {"name": name, "namespace": namespace, "labels": dict(labels)}
        self.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"}, SECRET_MANAGER)
        # A patch, not an apply: an apply removes fields that it no longer names, here the values saved before.
        patch, query = {"stringData": dict(values)}, {"fieldManager": SECRET_MANAGER}
        self._requests.json("PATCH", path("Secret", namespace, name), query, patch, MERGE)

    def delete_secret(self, namespace: str, name: str) -> None:
        self.delete("Secret", namespace, name, SECRET_MANAGER)

    def delete(self, kind: str, namespace: str | None, name: str, manager: str = MANAGER) -> None:
        existing = self.get(kind, namespace, name)
        if existing is None:
            return
        with reading_manifests():
            uid = existing["metadata"]["uid"]
            managers = [entry.get("manager") for entry in existing["metadata"].get("managedFields") or []]
        if manager not in managers:
            raise Conflict(PROVIDER, f"{kind} {name} was not created by {manager}, so it was not deleted")
        identity = {"uid": uid}  # without its version, because controllers write into our objects too
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": identity,
            "propagationPolicy": "Background",
        }
        with suppress(Missing):
            self._requests.json("DELETE", path(kind, namespace, name), body=body)

    def _object(self, kind: str, namespace: str | None, name: str) -> Manifest:
        return self._requests.json("GET", path(kind, namespace, name)).body

    def _secret(self, namespace: str | None, name: str) -> Manifest:
        """Read by an empty patch that is only tried: policies limit it to our own Secrets, and no policy limits a GET."""
        query = {"fieldManager": MANAGER, "dryRun": "All"}
        with http.side_effect_free():
            return self._requests.json("PATCH", path("Secret", namespace, name), query, {}, MERGE).body

    def _all(self, kind: str, namespace: str | None, query: Mapping[str, str]) -> Manifests:
        """Every page of a list. Raises Invalid for a longer one than Onramp reads."""
        typed = {"apiVersion": resource(kind).api_version, "kind": kind}  # the items of a list come without
        manifests: Manifests = []
        continuation = ""
        for _ in range(MAX_PAGES):
            page = self._page(path(kind, namespace), query, continuation)
            with reading_manifests():
                manifests += [{**typed, **item} for item in page.get("items") or []]
                continuation = page.get("metadata", {}).get("continue", "")
            if not continuation:
                return manifests
        raise Invalid(PROVIDER, f"there are more than {MAX_PAGES * PAGE_SIZE:,} objects of kind {kind}")

    def _page(self, address: str, query: Mapping[str, str], continuation: str) -> Manifest:
        position = {"continue": continuation} if continuation else {}
        try:
            return self._requests.json("GET", address, {**query, "limit": str(PAGE_SIZE), **position}).body
        except Missing as error:
            if not continuation:
                raise
            raise Transient(PROVIDER, "the list expired while it was being read", ambiguous=False) from error

    def _apply(self, manifest: Manifest, query: Mapping[str, str]) -> Applied:
        answer = self._requests.json("PATCH", path_of(manifest), query, manifest, APPLY)
        with reading_manifests():
            metadata = answer.body.get("metadata", {})
            uid, version = metadata.get("uid", ""), metadata.get("resourceVersion", "")  # a dry run may have no version
        return Applied(uid, version, answer.status == 201, answer.warnings, answer.body)

    def _refusal(self, manifest: Manifest, manager: str) -> Refusal | None:
        try:
            self._apply(manifest, {"fieldManager": manager, "dryRun": "All"})
        except IntegrationError as error:
            reason = refusal_reason(error)
            if reason is None:
                raise
            if NO_DRY_RUN in error.detail:
                return None
            name = (manifest.get("metadata") or {}).get("name", "")
            return Refusal(manifest.get("kind", ""), name, error.detail or error.message, reason)
        return None


def _content(manifest: Manifest) -> Manifest:
    """An object without what the server writes about it."""
    metadata = {name: value for name, value in manifest["metadata"].items() if name not in WRITTEN_BY_SERVER}
    return {**manifest, "metadata": metadata, "status": None}


def _event(manifest: Manifest) -> ClusterEvent:
    subject, series = manifest.get("involvedObject") or {}, manifest.get("series") or {}
    times = (manifest.get("lastTimestamp"), series.get("lastObservedTime"), manifest.get("eventTime"))
    newest = next(filter(None, times), manifest["metadata"].get("creationTimestamp"))
    return ClusterEvent(
        at=datetime.fromisoformat(newest) if newest else None,
        kind=subject.get("kind", ""),
        name=subject.get("name", ""),
        reason=manifest.get("reason", ""),
        message=manifest.get("message", ""),
        warning=manifest.get("type") == "Warning",
        times=manifest.get("count") or series.get("count") or 1,
    )


CAPABILITY.register(PROVIDER, Kubernetes, Options, title="The cluster")
