"""Causes in the tenant namespace: the allowance, its owner, and objects that the cluster refuses."""

from typing import Any

from catalog.models import Application, Target, Team
from engine.models import Move
from integrations.cluster import RefusalReason, cluster_reader
from integrations.errors import IntegrationError
from integrations.registry import registry
from integrations.secrets import redact
from onboarding.blockers.causes import Cause, Check, Facts, register
from onboarding.models import Onboarding, Plan
from tenancy import namespace as tenant
from tenancy.allowance import TEAM_LABEL, Account, account, as_quantities, requested_by

WATCHED = [("get", "Deployment"), ("list", "ReplicaSet"), ("list", "Pod")]
"""(verb, kind) of what the steps after the namespace read."""


def _check_allowance(facts: Facts) -> Check:
    team, target = Team.objects.get(pk=facts["team"]), Target.objects.get(pk=facts["target"])
    waiting = Application.objects.held(team, target).waiting()
    current = account(cluster_reader(), target, team, requested_by(waiting))
    if current.fits:
        return Check(True, f"The allowance of {team.name} has room now.")
    return Check(False, f"The allowance is still too small: {current.describe()}.")


ALLOWANCE = register("allowance", title="A team's allowance is used up", check=_check_allowance)


def allowance(team: Team, target: Target, current: Account) -> Cause:
    summary = f"The allowance of {team.name} on {target} is used up"
    need = f"{team.name} needs more than it was granted: {current.describe()}. The allowance is"
    if current.granted is None:
        summary = f"{team.name} has no allowance on {target}"
        requested = ", ".join(f"{name} {amount}" for name, amount in as_quantities(current.requested).items())
        need = f"{team.name} was never granted anything here; this requests {requested}. The allowance would be"
    return Cause(
        kind=ALLOWANCE,
        object=f"{target.pk}:{team.key}",
        owner=Move.PLATFORM,
        summary=summary,
        explanation=f"{need} the ResourceQuota {team.key} in namespace {target.allowance_namespace}; Onramp can read it but "
        "cannot change it.",
        clears_when=f"The allowance covers what {team.name}'s namespaces hold and everything that is waiting for it.",
        facts={"team": team.pk, "target": target.pk},
        team=team,
    )


def _check_owner(facts: Facts) -> Check:
    manifest = cluster_reader().get("Namespace", None, str(facts["namespace"]))
    if manifest is None:
        return Check(True, f"The namespace {facts['namespace']} is gone; Onramp can create it.")
    owner = tenant.owner_of(manifest)
    if owner == facts["team"]:
        return Check(True, f"The namespace {facts['namespace']} belongs to {owner} now.")
    return Check(False, f"The namespace {facts['namespace']} still belongs to {owner or 'an unknown owner'}.")


OWNED_BY_OTHERS = register("namespace-owned", title="A namespace belongs to another team", check=_check_owner)


def owned_by_others(namespace: str, team: Team, owner: str | None) -> Cause:
    situation = f"belongs to team {owner}" if owner else "already exists without an owner's label"
    return Cause(
        kind=OWNED_BY_OTHERS,
        object=namespace,
        owner=Move.PLATFORM,
        summary=f"The namespace {namespace} does not belong to {team.name}",
        explanation=f"The namespace {namespace} {situation}. Onramp only takes over a namespace that is labelled with the "
        "team, so that it never changes another team's namespace by accident.",
        clears_when=f"The namespace {namespace} has the label {TEAM_LABEL}={team.key}, or is gone.",
        facts={"namespace": namespace, "team": team.key},
        team=team,
    )


def _check_deleted(facts: Facts) -> Check:
    manifest = cluster_reader().get("Namespace", None, str(facts["namespace"]))
    if manifest is None or not tenant.is_being_deleted(manifest):
        return Check(True, f"The namespace {facts['namespace']} is no longer being deleted.")
    return Check(False, f"The namespace {facts['namespace']} is still being deleted.")


TERMINATING = register("namespace-terminating", title="A namespace's deletion does not end", check=_check_deleted)


def terminating(namespace: str, team: Team, manifest: dict[str, Any]) -> Cause:
    """Something keeps it, such as a finalizer whose controller is gone."""
    conditions = [str(each.get("message", "")) for each in (manifest.get("status") or {}).get("conditions") or []]
    return Cause(
        kind=TERMINATING,
        object=namespace,
        owner=Move.PLATFORM,
        summary=f"The deletion of the namespace {namespace} does not end",
        explanation=redact(
            "Nothing can be created in a namespace while it is being deleted. Usually an object in it has a finalizer whose "
            f"controller no longer runs. {' '.join(filter(None, conditions))}".strip()
        ),
        clears_when=f"The namespace {namespace} is gone.",
        facts={"namespace": namespace},
        team=team,
    )


def _check_accepted(facts: Facts) -> Check:
    """A dry run of what Onramp itself applies, and the rights to see what runs; the pipeline applies the rest."""
    plan = Plan.objects.select_related("team__organisation", "target").get(pk=facts["plan"])
    assert plan.team is not None
    assert plan.target is not None
    namespace = plan.target.namespace_of(plan.team)
    cluster = cluster_reader()
    objects = tenant.objects(plan.team, plan.target, namespace, registry().pull_access(plan.team.key))
    refusals = [
        refusal
        for refusal in cluster.dry_run(objects)
        if refusal.reason != RefusalReason.NAMESPACE_MISSING  # it is applied together with its Namespace
    ]
    if refusals:
        first = refusals[0]
        return Check(False, f"The cluster still refuses {first.kind} {first.name}: {first.message}")
    unreadable = [kind for verb, kind in WATCHED if not cluster.may(verb, kind, namespace)]
    if unreadable:
        return Check(False, f"The cluster still does not let Onramp read {', '.join(unreadable)} in {namespace}.")
    return Check(True, "The cluster accepts the objects now.")


REFUSED_BY_CLUSTER = register("cluster-refuses", title="The cluster refuses an object", check=_check_accepted)


def refused_by_cluster(error: IntegrationError, onboarding: Onboarding) -> Cause:
    """The same message about the same namespace is one cause."""
    namespace = str(onboarding.plan.content["namespace"])
    return Cause(
        kind=REFUSED_BY_CLUSTER,
        object=f"{namespace}:{error.message[:150]}",
        owner=Move.PLATFORM,
        summary=f"The cluster refuses what namespace {namespace} needs",
        explanation=f"{redact(str(error))}.",
        clears_when=f"A dry run of the same objects in namespace {namespace} is accepted.",
        facts={"plan": str(onboarding.plan_id)},
        team=onboarding.team,
    )
