"""On the cluster: the tenant namespace. It is deleted as a whole, and only where this run created it and nothing else is in
it."""

import functools
from typing import Any

import generate
from engine.models import Effect
from integrations.cluster import cluster
from onboarding.models import EffectKind
from onboarding.steps.subject import Subject
from onboarding.steps.undoing.undoer import Leftover, LeftoverState, remaining_applications
from tenancy import namespace as tenant
from tenancy import secret_values

OURS = "onramp"
DEFAULT_OBJECTS = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
"""What the cluster creates in every namespace."""
TENANT_KINDS = ("Pod", "Deployment", "Service", "Ingress", "ConfigMap")
"""Where a team's own objects would be found. Onramp cannot list Secrets; the preview says so."""


class ClusterUndoer:
    kinds = (
        EffectKind.NAMESPACE,
        EffectKind.RESOURCE_QUOTA,
        EffectKind.LIMIT_RANGE,
        EffectKind.NETWORK_POLICY,
        EffectKind.SERVICE_ACCOUNT,
        EffectKind.ROLE_BINDING,
        EffectKind.SECRET,
    )

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.namespace = subject.content.namespace

    def inspect(self, effect: Effect) -> Leftover:
        if self._manifest is None:
            return Leftover(effect, LeftoverState.GONE, "gone with its namespace")
        if effect.kind == EffectKind.NAMESPACE:
            return self._inspect_namespace(effect)
        if cluster().get(effect.kind, self.namespace, _object_name(effect)) is None:
            return Leftover(effect, LeftoverState.GONE, "already deleted")
        if self._is_deleted:
            return Leftover(effect, LeftoverState.INCLUDED, "will be deleted with its namespace")
        application = self._application_of_secret(effect)
        if application:
            return self._inspect_secret(effect, application)
        if self._needs_update(effect):
            return Leftover(effect, LeftoverState.EXISTS, "stays for the team’s other applications, without this one")
        return Leftover(effect, LeftoverState.KEPT, "belongs to the namespace, which stays")

    def undo(self, effect: Effect) -> None:
        if effect.kind == EffectKind.NAMESPACE:
            cluster().delete("Namespace", None, self.namespace)
        elif self._application_of_secret(effect):
            cluster().delete_secret(self.namespace, _object_name(effect))
        else:
            cluster().apply(self._remaining_objects[effect.kind, _object_name(effect)])

    def _inspect_namespace(self, effect: Effect) -> Leftover:
        if not self._is_deleted:
            reason = self._used_by if self._created_by_this_run(effect) else "it existed before this run"
            return Leftover(effect, LeftoverState.KEPT, reason)
        reason = "will be deleted with its contents, including Secrets that people created; Onramp cannot list those"
        return Leftover(effect, LeftoverState.EXISTS, reason)

    def _application_of_secret(self, effect: Effect) -> str:
        """The application of this run whose values the Secret holds; empty for anything else."""
        names = {generate.settings_of(each.name): each.name for each in self.subject.content.applications}
        return names.get(_object_name(effect), "") if effect.kind == EffectKind.SECRET else ""

    def _inspect_secret(self, effect: Effect, application: str) -> Leftover:
        """It is deleted with the values that were entered for this run; other values may exist nowhere else."""
        if self._has_pods:
            return Leftover(effect, LeftoverState.KEPT, "running pods of this application read its values")
        names = secret_values.names(self.namespace, application)
        others = sorted(names - set(self.subject.content.required_values.get(application, ())))
        if others:
            reason = f"it holds values that were not entered for this run: {', '.join(others)}"
            return Leftover(effect, LeftoverState.KEPT, reason)
        return Leftover(effect, LeftoverState.EXISTS, "will be deleted with the values that were entered")

    @functools.cached_property
    def _manifest(self) -> dict[str, Any] | None:
        """The namespace; None where it is gone, being deleted, or another team's."""
        manifest = cluster().get("Namespace", None, self.namespace)
        if manifest is None or manifest["metadata"].get("deletionTimestamp"):
            return None
        return manifest if tenant.owner_of(manifest) == self.subject.team.key else None

    @functools.cached_property
    def _is_deleted(self) -> bool:
        """Whether an undo deletes the namespace. Read before it does: a cluster takes its time with the contents."""
        runs_own = Effect.objects.filter(step__run=self.subject.onboarding.pk, kind=EffectKind.NAMESPACE).first()
        return runs_own is not None and self._created_by_this_run(runs_own) and not self._used_by

    def _created_by_this_run(self, effect: Effect) -> bool:
        assert self._manifest is not None
        uid = self._manifest["metadata"].get("uid")
        return bool(effect.reference.get("created")) and effect.reference.get("uid") == uid

    @functools.cached_property
    def _used_by(self) -> str:
        """What would be lost with the namespace, in words; empty where nothing would."""
        names = [row.name for row in remaining_applications(self.subject).order_by("name")]
        if names:
            noun, verb = ("applications", "use") if len(names) > 1 else ("application", "uses")
            return f"{len(names)} {noun} of {self.subject.team.name} {verb} it: {', '.join(names)}"
        objects = [
            f"{kind} {name}"
            for kind in TENANT_KINDS
            for manifest in cluster().list(kind, self.namespace)
            if (kind, name := str(manifest["metadata"]["name"])) not in DEFAULT_OBJECTS
            and (manifest["metadata"].get("labels") or {}).get("app.kubernetes.io/managed-by") != OURS
        ]
        more = " …" if len(objects) > 5 else ""
        return f"it contains other objects: {', '.join(objects[:5])}{more}" if objects else ""

    @functools.cached_property
    def _remaining_objects(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The objects that name or count the team's applications, as they are without this run's."""
        objects = tenant.objects(self.subject.team, self.subject.target, self.namespace, None)
        return {
            (manifest["kind"], manifest["metadata"]["name"]): manifest
            for manifest in objects
            if manifest["kind"] in (EffectKind.RESOURCE_QUOTA, EffectKind.ROLE_BINDING)
        }

    def _needs_update(self, effect: Effect) -> bool:
        """Whether the object still counts or names what this run added. While its pods run, nothing is taken from them."""
        name = _object_name(effect)
        wanted = self._remaining_objects.get((effect.kind, name))
        elsewhere = remaining_applications(self.subject).exclude(repository=self.subject.repository)
        if wanted is None or not elsewhere.exists() or self._has_pods:
            return False
        if self.subject.onboarding.active:  # the quota only shrinks once the run's own applications are removed
            return True
        existing = cluster().get(effect.kind, self.namespace, name)
        if existing is None:
            return False
        if effect.kind == EffectKind.ROLE_BINDING:
            return _subjects(existing) != _subjects(wanted)
        return bool(existing.get("spec", {}).get("hard") != wanted["spec"]["hard"])

    @functools.cached_property
    def _has_pods(self) -> bool:
        labels = [{"app.kubernetes.io/name": each.name} for each in self.subject.content.applications]
        return any(cluster().list("Pod", self.namespace, each) for each in labels)


def _object_name(effect: Effect) -> str:
    return effect.name.rpartition("/")[2]


def _subjects(binding: dict[str, Any]) -> set[str]:
    return {subject["name"] for subject in binding.get("subjects") or []}
