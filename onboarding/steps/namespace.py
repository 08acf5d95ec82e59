"""The team's tenant namespace with its guard rails, as large as its applications need."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from catalog.models import Application
from database import prepared
from engine.context import Work
from engine.effects import Made
from engine.outcomes import Declined, Done, Outcome, Wait
from integrations import exclusion
from integrations.cluster import cluster
from integrations.errors import Missing
from integrations.registry import registry
from onboarding.blockers import agreement, lifecycle
from onboarding.blockers import namespace as causes
from onboarding.blockers import registry as registry_causes
from onboarding.models import EffectKind
from onboarding.steps import polling
from onboarding.steps.errors import ensure, translates_errors_of
from onboarding.steps.kind import OnboardingStep
from onboarding.steps.results import NamespaceResult
from onboarding.steps.subject import Subject, subject_of
from tenancy import allowance
from tenancy import namespace as tenant

_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtext('grants'), %(team)s)"


@translates_errors_of("cluster")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    name = subject.content.namespace
    existing = cluster().get("Namespace", None, name)
    if not subject.onboarding.is_agreed:
        return lifecycle.blocked(agreement.not_agreed(subject.onboarding))
    if not subject.onboarding.is_admitted:
        return Declined(f"{subject.name} belongs to {subject.repository.team or 'no team'} by now. Create a new plan.")
    if existing is not None and tenant.owner_of(existing) != subject.team.key:
        return lifecycle.blocked(causes.owned_by_others(name, subject.team, tenant.owner_of(existing)))
    if existing is not None and tenant.is_being_deleted(existing):
        if polling.has_lasted(work, f"terminating: {existing['metadata']['uid']}", _patience()):
            return lifecycle.blocked(causes.terminating(name, subject.team, existing))
        return Wait(f"The namespace {name} is being deleted. Onramp waits until it is gone.", polling.next_check(work))
    waiting = [row for row in subject.applications if row.is_waiting]
    if waiting and (blocked := _grant(work, subject, waiting)):
        return blocked
    try:
        pull = registry().pull_access(subject.team.key)
    except Missing as error:
        return lifecycle.blocked(registry_causes.no_login(subject.team, error))
    for manifest in tenant.objects(subject.team, subject.target, name, pull):
        if not tenant.is_quota(manifest):
            _apply(work, manifest)
    with alone(work, subject):
        _apply(work, tenant.quota(subject.team, subject.target, name))
    names = ", ".join(application.name for application in subject.content.applications)
    message = f"The namespace {name} belongs to {subject.team.name} and has room for {names}."
    return Done(message, NamespaceResult(namespace=name))


def _patience() -> timedelta:
    return timedelta(seconds=settings.ENV.portal_down_after_seconds)


def alone(work: Work, subject: Subject) -> AbstractContextManager[None]:
    """One run of the team reads what all have been granted and writes the sum; otherwise, an older sum could win."""
    key, name = f"namespace {subject.team.pk}", f"The namespace of {subject.team.name}"
    return exclusion.section(key, name, work.step)


def _grant(work: Work, subject: Subject, waiting: list[Application]) -> Outcome | None:
    """What two runs are granted never exceeds the allowance: each sees what the others were granted before."""
    quotas = allowance.quotas(cluster(), subject.target, subject.team)
    with work.transaction():
        prepared.execute(_ONE_BY_ONE, {"team": subject.team.pk})
        account = quotas.account(subject.team, allowance.requested_by(waiting))
        if account.fits:
            rows = Application.objects.filter(pk__in=[row.pk for row in waiting])
            rows.update(granted_at=timezone.now(), demand=F("requested"))
            return None
    cause = causes.allowance(subject.team, subject.target, account)
    return lifecycle.blocked(cause, detail=account.describe())


def _apply(work: Work, manifest: dict[str, Any]) -> None:
    """A server-side apply may be repeated, so it need not be looked for first; a conflict is shown, never forced."""
    metadata = manifest["metadata"]
    prefix = f"{metadata['namespace']}/" if "namespace" in metadata else ""
    kind, name = EffectKind(manifest["kind"]), f"{prefix}{metadata['name']}"

    def apply() -> Made:
        applied = cluster().apply(manifest)
        return Made({"uid": applied.uid, "created": work.created_by_this_run(kind, name, applied.created)})

    ensure(work, cluster().name, kind, name, create=apply)


STEP = OnboardingStep(
    name="namespace",
    title="Team namespace",
    queue="cluster",
    needs=("access",),
    perform=perform,
    does="Reserves quota from the team's allowance and applies the namespace's objects.",
    creates=lambda content: (
        f"the namespace {content.namespace} with its quota, limits, network policies and roles, where missing"
    ),
)
