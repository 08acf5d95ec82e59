"""On the cluster: the team's room. It goes as a whole, and only where it began with this run and holds nothing else."""

import functools
from typing import Any

from onboarding import causes_room, generate, tenancy
from onboarding.models import Effect
from onboarding.steps.journey import Journey, cluster
from onboarding.steps.undoing.leftover import Leftover, Standing, others

OURS = "onramp"
ALWAYS_THERE = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
"""What every namespace has, made by the cluster."""
TENANTS = ("Pod", "Deployment", "Service", "Ingress", "ConfigMap")
"""Where a team's own things would be found. Secrets may not be listed, by Onramp least of all: the preview says so."""


class OnCluster:
    kinds = ("Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "Role", "RoleBinding", "Secret")

    def __init__(self, own: Journey) -> None:
        self.own = own

    def look(self, effect: Effect) -> Leftover:
        if self._namespace is None:
            return Leftover(effect, Standing.GONE, "is gone with its namespace")
        if effect.kind == "Namespace":
            if not self._goes:
                why = self._used_by if self._begun_with_us(effect) else "it was there before this run"
                return Leftover(effect, Standing.STAYS, why)
            return Leftover(
                effect,
                Standing.THERE,
                "is deleted with everything in it, secrets that somebody put there by hand included: Onramp may not list those",
            )
        if cluster().get(effect.kind, self.own.content.namespace, effect.name.rpartition("/")[2]) is None:
            return Leftover(effect, Standing.GONE, "is deleted already")
        if self._goes:
            return Leftover(effect, Standing.WITH, "goes with its namespace")
        application = self._whose_settings(effect)
        if application:
            return self._settings(effect, application)
        if self._changed(effect):
            return Leftover(effect, Standing.THERE, "stays for the team’s other applications, without this one")
        return Leftover(effect, Standing.STAYS, "belongs to the namespace, which stays")

    def take_back(self, effect: Effect) -> None:
        if effect.kind == "Namespace":
            cluster().delete("Namespace", None, self.own.content.namespace)
        elif self._whose_settings(effect):
            cluster().forget(self.own.content.namespace, effect.name.rpartition("/")[2])
        else:
            cluster().apply(self._remaining[effect.kind, effect.name.rpartition("/")[2]])

    def _whose_settings(self, effect: Effect) -> str:
        """The application of this run whose variables' values it holds; nothing where it is something else."""
        names = {generate.settings_of(one.name): one.name for one in self.own.content.applications}
        return names.get(effect.name.rpartition("/")[2], "") if effect.kind == "Secret" else ""

    def _settings(self, effect: Effect, application: str) -> Leftover:
        """It goes with the values that were entered for this run; of others nobody knows where else they are."""
        if self._runs:
            return Leftover(effect, Standing.STAYS, "what runs of this application reads its values")
        keys = cluster().keys(self.own.content.namespace, generate.settings_of(application))
        more = sorted(keys - set(self.own.content.to_enter.get(application, ())))
        if more:
            return Leftover(
                effect, Standing.STAYS, f"it holds values that were not entered for this run: {', '.join(more)}"
            )
        return Leftover(effect, Standing.THERE, "is deleted with the values that were entered")

    @functools.cached_property
    def _namespace(self) -> dict[str, Any] | None:
        """None where it is gone, going, or another team's."""
        found = cluster().get("Namespace", None, self.own.content.namespace)
        if found is None or found["metadata"].get("deletionTimestamp"):
            return None
        return found if causes_room.owned_by(found) == self.own.team.slug else None

    @functools.cached_property
    def _goes(self) -> bool:
        """Whether an undo deletes the namespace. Asked before it does: a cluster takes its time with what is in it."""
        mine = Effect.objects.filter(step__run=self.own.onboarding.pk, kind="Namespace").first()
        return mine is not None and self._begun_with_us(mine) and not self._used_by

    def _begun_with_us(self, effect: Effect) -> bool:
        assert self._namespace is not None
        uid = self._namespace["metadata"].get("uid")
        return bool(effect.reference.get("created")) and effect.reference.get("uid") == uid

    @functools.cached_property
    def _used_by(self) -> str:
        """What would be lost with the namespace, in words; empty where nothing would."""
        names = [row.name for row in others(self.own).order_by("name")]
        if names:
            return f"{', '.join(names)} of {self.own.team.name} {'live' if len(names) > 1 else 'lives'} in it"
        found = [
            f"{kind} {name}"
            for kind in TENANTS
            for one in cluster().list(kind, self.own.content.namespace)
            if (kind, name := str(one["metadata"]["name"])) not in ALWAYS_THERE
            and (one["metadata"].get("labels") or {}).get("app.kubernetes.io/managed-by") != OURS
        ]
        return f"something else is in it: {', '.join(found[:5])}{' …' if len(found) > 5 else ''}" if found else ""

    @functools.cached_property
    def _remaining(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The objects that name or count the team's applications, as they are without this run's."""
        room = tenancy.room(self.own.team, self.own.target, self.own.content.namespace, None)
        return {
            (one["kind"], one["metadata"]["name"]): one
            for one in room
            if one["kind"] in ("ResourceQuota", "RoleBinding")
        }

    def _changed(self, effect: Effect) -> bool:
        """Whether the object still counts or names what this run brought. While its pods run nothing is taken from them."""
        name = effect.name.rpartition("/")[2]
        wanted = self._remaining.get((effect.kind, name))
        elsewhere = others(self.own).exclude(repository=self.own.repository)
        if wanted is None or not elsewhere.exists() or self._runs:
            return False
        if self.own.onboarding.active:  # the room is only counted anew once its own are out of it
            return True
        found = cluster().get(effect.kind, self.own.content.namespace, name)
        if found is None:
            return False
        if effect.kind == "RoleBinding":
            return _subjects(found) != _subjects(wanted)
        return bool(found.get("spec", {}).get("hard") != wanted["spec"]["hard"])

    @functools.cached_property
    def _runs(self) -> bool:
        mine = [{"app.kubernetes.io/name": one.name} for one in self.own.content.applications]
        return any(cluster().list("Pod", self.own.content.namespace, labels) for labels in mine)


def _subjects(binding: dict[str, Any]) -> set[str]:
    return {one["name"] for one in binding.get("subjects") or []}
