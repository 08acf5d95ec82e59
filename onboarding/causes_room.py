"""Causes that lie with the team's room on the cluster. See `causes` for what a cause is."""

from typing import Any

from catalog.models import Application, Target, Team
from integrations import providers
from integrations.cluster import Cause as Refusal
from integrations.cluster import ClusterReader
from integrations.registry import RegistryReader
from onboarding import tenancy
from onboarding.allowance import TEAM_LABEL, Account, account, shown
from onboarding.causes import Cause, Check, condition
from onboarding.models import Move, Plan

SEEN = [("get", "Deployment"), ("list", "ReplicaSet"), ("list", "Pod")]
"""What the steps after the namespace read."""


def reader() -> ClusterReader:
    cluster: ClusterReader = providers.provider("cluster")
    return cluster


def allowance(team: Team, target: Target, found: Account) -> Cause:
    summary = f"The allowance of {team.name} on {target} is used up"
    needs = f"{team.name} needs more than it was granted: {found.says()}. The allowance is"
    if found.granted is None:
        summary = f"{team.name} has no allowance on {target}"
        asked = ", ".join(f"{name} {amount}" for name, amount in shown(found.asked).items())
        needs = f"{team.name} was never granted anything here; this asks for {asked}. An allowance would be"
    return Cause(
        kind="allowance",
        object=f"{target.pk}:{team.slug}",
        owner=Move.PLATFORM,
        summary=summary,
        explanation=f"{needs} the ResourceQuota {team.slug} in namespace {target.allowance_namespace}; Onramp may read it "
        "and not change it.",
        clears_when=f"The allowance covers what {team.name}'s namespaces hold and everything that waits for room.",
        facts={"team": team.pk, "target": target.pk},
        team=team,
    )


@condition("allowance")
def allowed(facts: dict[str, Any]) -> Check:
    team, target = Team.objects.get(pk=facts["team"]), Target.objects.get(pk=facts["target"])
    waiting = Application.objects.held(team, target).waiting().values_list("demand", flat=True)
    found = account(reader(), target, team, list(waiting))
    if found.fits:
        return Check(True, f"The allowance of {team.name} has room now.")
    return Check(False, f"The allowance is still too small: {found.says()}.")


def owned_by(manifest: dict[str, Any]) -> str | None:
    """The team that a namespace says it belongs to; None where it says nothing."""
    owner = (manifest["metadata"].get("labels") or {}).get(TEAM_LABEL)
    return str(owner) if owner is not None else None


def namespace_owned(namespace: str, team: Team, owner: str | None) -> Cause:
    whose = f"belongs to team {owner}" if owner else "exists already and bears no owner's label"
    return Cause(
        kind="namespace-owned",
        object=namespace,
        owner=Move.PLATFORM,
        summary=f"The namespace {namespace} is not {team.name}'s",
        explanation=f"The namespace {namespace} {whose}. Onramp takes over only what bears the team's label, so that nobody's "
        "room is changed by accident.",
        clears_when=f"The namespace {namespace} bears the label {TEAM_LABEL}={team.slug}, or is gone.",
        facts={"namespace": namespace, "team": team.slug},
        team=team,
    )


@condition("namespace-owned")
def namespace_free(facts: dict[str, Any]) -> Check:
    found = reader().get("Namespace", None, str(facts["namespace"]))
    if found is None:
        return Check(True, f"The namespace {facts['namespace']} is gone; it can be made anew.")
    owner = owned_by(found)
    if owner == facts["team"]:
        return Check(True, f"The namespace {facts['namespace']} is {owner}'s now.")
    return Check(False, f"The namespace {facts['namespace']} still belongs to {owner or 'nobody that it names'}.")


@condition("cluster-refuses")
def accepted(facts: dict[str, Any]) -> Check:
    """A dry run of what Onramp itself applies, and the rights to see what runs; the pipeline applies the rest."""
    plan = Plan.objects.select_related("team__organisation", "target").get(pk=facts["plan"])
    assert plan.team is not None
    assert plan.target is not None
    namespace = plan.target.namespace_of(plan.team)
    registry: RegistryReader = providers.provider("registry")
    verdicts = reader().dry_run(tenancy.room(plan.team, plan.target, namespace, registry.pull_access()))
    refused = [one for one in verdicts if one.cause != Refusal.NAMESPACE_MISSING]  # it comes with its Namespace
    if refused:
        return Check(False, f"The cluster still refuses {refused[0].kind} {refused[0].name}: {refused[0].says}")
    unseen = [kind for verb, kind in SEEN if not reader().may(verb, kind, namespace)]
    if unseen:
        return Check(False, f"The cluster still does not let Onramp see {', '.join(unseen)} in {namespace}.")
    return Check(True, "The cluster accepts the objects now.")
