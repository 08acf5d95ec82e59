"""Metrics and logs: the backends answer, and what they need beforehand is there."""

from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome
from onboarding.engine.work import Work
from onboarding.steps.journey import journey, logs, metrics
from onboarding.steps.outside import changing, meets

RETENTION_DAYS = 30


@meets("metrics")
def collect_metrics(work: Work) -> Outcome:
    own = journey(work)
    metrics().ready()
    queries = {row.name: metrics().query(row.namespace, row.name, own=row.own_metrics) for row in own.applications}
    words = "; ".join(f"{name}: {query}" for name, query in queries.items())
    return Done(f"The proof will be a sample of {words}.", {"queries": queries})


@meets("logs")
def collect_logs(work: Work) -> Outcome:
    own = journey(work)
    namespace = own.content.namespace

    def keep() -> Made:
        created = logs().ensure_retention(namespace, RETENTION_DAYS)
        return Made({"days": RETENTION_DAYS, "created": work.began_with("log retention", namespace, created)})

    work.ensure("log retention", namespace, make=changing(keep))
    return Done(f"Logs of {namespace} are kept for {RETENTION_DAYS} days.", {}, [("Logs", logs().link(namespace, ""))])
