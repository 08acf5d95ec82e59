"""A team's allowance: what the platform grants, what the team's namespaces already hold, what is requested.

The allowance is a ResourceQuota named after the team (its key) in the platform's own namespace. Onramp reads it and never writes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Application, Target, Team
from generate import quantity
from integrations.cluster import ClusterReader, Manifest
from integrations.errors import Invalid

TEAM_LABEL = "onramp.dev/team"
Amounts = dict[str, Decimal]


@dataclass(frozen=True)
class Account:
    """Amounts by resource (`requests.cpu` in cores, `requests.memory` in bytes, the same of `limits`,
    `pods`). `granted` is None where the team
    has no allowance."""

    granted: Amounts | None
    held: Amounts
    requested: Amounts

    @property
    def missing(self) -> Amounts:
        """How much more would have to be granted; empty where it fits. Resources without a limit always fit."""
        if self.granted is None:
            return self.requested
        excess = {
            name: self.held.get(name, Decimal(0)) + self.requested[name] - self.granted[name]
            for name in self.requested
            if name in self.granted
        }
        return {name: amount for name, amount in excess.items() if amount > 0}

    @property
    def fits(self) -> bool:
        return self.granted is not None and not self.missing

    def describe(self) -> str:
        """One sentence with the figures that decide."""
        if self.granted is None:
            return "the team has no allowance on this cluster"
        parts = []
        for name in sorted(self.missing or self.requested):
            if name in self.granted:
                amounts = (self.requested[name], self.held.get(name, Decimal(0)), self.granted[name])
                requested, held, granted = (quantity.show(name, amount) for amount in amounts)
                parts.append(f"{name}: {requested} requested, {held} in use, {granted} granted")
        return "; ".join(parts)


def total(demands: Iterable[Mapping[str, str]]) -> Amounts:
    """The sum of demands given as quantities."""
    amounts: Amounts = {}
    for demand in demands:
        for name, value in demand.items():
            amounts[name] = amounts.get(name, Decimal(0)) + quantity.parse(value)
    return amounts


def account(cluster: ClusterReader, target: Target, team: Team, requested: Iterable[Mapping[str, str]]) -> Account:
    """Reads the allowance and every quota of the team's namespaces. Raises IntegrationError."""
    allowance = cluster.get("ResourceQuota", target.allowance_namespace, team.key)
    namespaces = cluster.list("Namespace", labels={TEAM_LABEL: team.key})
    names = [namespace["metadata"]["name"] for namespace in namespaces]
    quotas = [quota for name in names for quota in cluster.list("ResourceQuota", name)]
    try:
        granted = None if allowance is None else total([_hard(allowance)])
        return Account(granted, total(_hard(quota) for quota in quotas), total(requested))
    except quantity.NotAQuantity as error:
        raise Invalid(cluster.name, f"a ResourceQuota of {team} cannot be read: {error}") from error


def _hard(manifest: Manifest) -> dict[str, str]:
    """What a quota allows: resource → quantity."""
    hard = (manifest.get("spec") or {}).get("hard") or {}
    return {str(name): str(value) for name, value in hard.items()} if isinstance(hard, dict) else {}


def difference(requested: Mapping[str, str], granted: Mapping[str, str]) -> dict[str, str]:
    """What is requested beyond what was granted, as quantities."""
    amounts = {
        name: quantity.parse(value) - quantity.parse(granted.get(name, "0")) for name, value in requested.items()
    }
    return as_quantities({name: amount for name, amount in amounts.items() if amount > 0})


def requested_by(applications: Iterable[Application]) -> list[dict[str, str]]:
    """What each of these requests beyond what it was granted."""
    return [difference(row.requested, row.demand if row.granted_at else {}) for row in applications]


def as_quantities(amounts: Amounts) -> dict[str, str]:
    return {name: quantity.show(name, amount) for name, amount in sorted(amounts.items())}


def quota(team: Team, target: Target) -> dict[str, str]:
    """The quota of the team's namespace: the sum of what its applications were granted."""
    return quota_of(list(Application.objects.held(team, target).granted().values_list("demand", flat=True)))


def quota_of(demands: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The sum of the demands; no pods without any. It omits the lines that one of them does not name: that application's pods
    would count there as well, without room for them."""
    if not demands:
        return {"pods": "0"}
    named = set.intersection(*(set(demand) for demand in demands))
    return as_quantities({name: amount for name, amount in total(demands).items() if name in named})
