"""Onboarded is verified by effects: the image runs in that namespace, a sample and a log line arrived, the address answers."""

from datetime import timedelta

from django.utils import timezone

from catalog.models import Application
from engine.context import Work
from engine.models import Move
from engine.outcomes import Done, Links, Outcome, Wait
from integrations.logs import logs
from integrations.metrics import metrics
from integrations.pipelines import pipelines
from integrations.source import source
from onboarding.blockers import lifecycle
from onboarding.blockers import verification as causes
from onboarding.blockers.verification import Verification
from onboarding.steps import polling
from onboarding.steps.errors import translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.results import VerificationResult
from onboarding.steps.subject import Subject, subject_of

GRACE = timedelta(minutes=5)
"""How long a freshly deployed application may take until its first sample and log line; then it is a blocker."""
MAX_INTERVAL = 5.0


@translates_errors_of("cluster")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    results = [result for application in subject.applications for result in causes.verify(application)]
    failed = [result for result in results if not result.passed]
    if failed:
        return _not_yet(work, subject, results, failed)
    branch = subject.content.default_branch
    if not pipelines().is_configured(subject.name, source().head(subject.name, branch).commit):
        message = (
            f"Everything runs, but {branch} no longer contains the pipeline: somebody reverted the merge, so nothing will be deployed "
            "again. Restore it, or undo this onboarding."
        )
        return Wait(message, polling.next_check(work), Move.TEAM)
    rows = Application.objects.filter(pk__in=[row.pk for row in subject.applications], onboarded_at=None)
    with work.transaction():
        rows.update(onboarded_at=timezone.now())
    listed = "; ".join(f"{result.application}: {result.message}" for result in results)
    return Done(f"Onboarded: {listed}.", _result(results), _links(subject))


def _not_yet(work: Work, subject: Subject, results: list[Verification], failed: list[Verification]) -> Outcome:
    now = work.now()
    if now - (work.step.began_at or now) > GRACE:
        runs = not any(result.kind == "image" and not result.capability for result in failed)
        of_platform = next((result for result in failed if result.capability), None)
        if runs and of_platform is not None:
            return lifecycle.blocked(causes.unobserved(subject.onboarding, of_platform))
        return lifecycle.blocked(causes.unverified(subject.onboarding, failed))
    listed = "; ".join(f"{result.application}: {result.message}" for result in failed)
    passed = len(results) - len(failed)
    message = f"{passed} of {len(results)} checks passed. Still missing: {listed}."
    return Wait(message, min(MAX_INTERVAL, polling.next_check(work)))


def _result(results: list[Verification]) -> VerificationResult:
    applications: dict[str, dict[str, str]] = {}
    for result in results:
        applications.setdefault(result.application, {})[result.kind] = result.message
    return VerificationResult(applications=applications)


def _links(subject: Subject) -> Links:
    links: Links = []
    for row in subject.applications:
        links.append((f"{row.name}: address", row.address))
        links.append((f"{row.name}: metrics", metrics().link(row.namespace, row.name)))
        links.append((f"{row.name}: logs", logs().link(row.namespace, row.name)))
    return links


STEP = OnboardingStep(
    name="verification",
    title="Verification",
    queue="cluster",
    needs=("deploy",),
    perform=perform,
    does="Checks the image, the address, a metric and a log line.",
    creates=nothing,
)
