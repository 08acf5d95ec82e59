"""Metrics and logs: the backends answer, and what they need beforehand exists."""

from engine.context import Work
from engine.effects import Made
from engine.outcomes import Done, Outcome
from integrations.logs import logs
from integrations.metrics import metrics
from onboarding.models import EffectKind
from onboarding.steps.errors import ensure, translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.results import MetricsResult
from onboarding.steps.subject import subject_of

RETENTION_DAYS = 30


@translates_errors_of("metrics")
def check_metrics(work: Work) -> Outcome:
    subject = subject_of(work)
    metrics().ready()
    queries = {
        row.name: metrics().query(row.namespace, row.name, exposed=row.own_metrics) for row in subject.applications
    }
    listed = "; ".join(f"{name}: {query}" for name, query in queries.items())
    return Done(f"Verification will look for a sample of {listed}.", MetricsResult(queries=queries))


@translates_errors_of("logs")
def retain_logs(work: Work) -> Outcome:
    namespace = subject_of(work).content.namespace

    def retain() -> Made:
        created = logs().ensure_retention(namespace, RETENTION_DAYS)
        created = work.created_by_this_run(EffectKind.LOG_RETENTION, namespace, created)
        return Made({"days": RETENTION_DAYS, "created": created})

    ensure(work, logs().name, EffectKind.LOG_RETENTION, namespace, create=retain)
    message = f"Logs of {namespace} are kept for {RETENTION_DAYS} days."
    return Done(message, links=[("Logs", logs().link(namespace, ""))])


METRICS = OnboardingStep(
    name="metrics",
    title="Metrics",
    queue="metrics",
    needs=("access",),
    perform=check_metrics,
    does="Checks that metrics can arrive.",
    creates=nothing,
)
LOGS = OnboardingStep(
    name="logs",
    title="Logs",
    queue="logs",
    needs=("access",),
    perform=retain_logs,
    does="Checks that logs can arrive and sets how long they are kept.",
    creates=lambda content: f"a retention of {RETENTION_DAYS} days for the logs of {content.namespace}",
)
