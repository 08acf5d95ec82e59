"""A team's allowance: what the platform grants, what the team's namespaces already hold, what is requested.

The allowance is a ResourceQuota named after the team (its key) in the platform's own namespace. Onramp reads it and never writes it.
"""

from collections import defaultdict
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


def _sum(parts: Iterable[Amounts]) -> Amounts:
    amounts: Amounts = defaultdict(Decimal)
    for part in parts:
        for name, amount in part.items():
            amounts[name] += amount
    return dict(amounts)


def total(demands: Iterable[Mapping[str, str]]) -> Amounts:
    """The sum of demands given as quantities."""
    return _sum({name: quantity.parse(value) for name, value in demand.items()} for demand in demands)


@dataclass(frozen=True)
class Quotas:
    """What the cluster says: the allowance (None where the team has none), and what each of the team's namespaces holds."""

    allowance: Amounts | None
    by_namespace: Mapping[str, Amounts]

    def account(self, team: Team, requested: Iterable[Mapping[str, str]]) -> Account:
        """As of now: what Onramp has granted counts from the grant on, and not only once a quota says so."""
        held = dict(self.by_namespace)
        for target, amounts in _granted(team).items():
            name = target.namespace_of(team)
            before = held.get(name, {})
            held[name] = before | {each: max(amount, before.get(each, amount)) for each, amount in amounts.items()}
        return Account(self.allowance, _sum(held.values()), total(requested))


def quotas(cluster: ClusterReader, target: Target, team: Team) -> Quotas:
    """Reads the allowance and every quota of the team's namespaces. Raises IntegrationError."""
    allowance = cluster.get("ResourceQuota", target.allowance_namespace, team.key)
    namespaces = cluster.list("Namespace", labels={TEAM_LABEL: team.key})
    names = [namespace["metadata"]["name"] for namespace in namespaces]
    lists = {name: cluster.list("ResourceQuota", name) for name in names}
    try:
        granted = None if allowance is None else total([_hard(allowance)])
        return Quotas(granted, {name: total(map(_hard, rows)) for name, rows in lists.items()})
    except quantity.NotAQuantity as error:
        raise Invalid(cluster.name, f"a ResourceQuota of {team} cannot be read: {error}") from error


def account(cluster: ClusterReader, target: Target, team: Team, requested: Iterable[Mapping[str, str]]) -> Account:
    """Raises IntegrationError."""
    return quotas(cluster, target, team).account(team, requested)


def _granted(team: Team) -> dict[Target, Amounts]:
    """What the team's applications on each target were granted."""
    rows = Application.objects.filter(team=team, removed_at__isnull=True).granted().select_related("target")
    demands: dict[Target, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        demands[row.target].append(row.demand)
    return {target: total([quota_of(each)]) for target, each in demands.items()}


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
