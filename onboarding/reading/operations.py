"""Whether the machine itself keeps up: what is overdue, what is held, which provider is left alone."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from events import prepared
from events.models import Delivery, Event
from onboarding.engine.statements import NOW
from onboarding.models import Attempt, Lane, Run, RunState

LATELY = timedelta(hours=1)
LATE = timedelta(seconds=30)
"""A step that is overdue for longer than this says that no worker takes it: a ring and several sweeps have passed."""

_QUEUES = f"""
SELECT s.queue,
       count(*) FILTER (WHERE s.state IN ('ready', 'waiting') AND s.due_at <= {NOW}),
       count(*) FILTER (WHERE s.state = 'waiting' AND s.due_at > {NOW}),
       count(*) FILTER (WHERE s.state = 'running' AND s.lease_until >= {NOW}),
       count(*) FILTER (WHERE s.state = 'running' AND s.lease_until < {NOW}),
       coalesce(extract(epoch FROM max({NOW} - s.due_at) FILTER (
           WHERE s.state IN ('ready', 'waiting') AND s.due_at <= {NOW}
       )), 0)::float
FROM onboarding_step s JOIN onboarding_run r ON r.id = s.run_id
WHERE r.state = 'active' AND s.state IN ('ready', 'waiting', 'running')
GROUP BY s.queue ORDER BY s.queue
"""


@dataclass(frozen=True)
class Queue:
    """The steps of one lane of workers. `abandoned` are held by nobody who lives; `oldest` is how long one is overdue."""

    name: str
    due: int
    waiting: int
    running: int
    abandoned: int
    oldest: timedelta


@dataclass(frozen=True)
class Outcome:
    """How the attempts of one step ended within the last hour."""

    step: str
    outcome: str
    count: int


@dataclass(frozen=True)
class Operations:
    queues: list[Queue]
    lanes: list[Lane]
    outcomes: list[Outcome]
    runs: dict[str, int]
    deliveries: int
    oldest_delivery: timedelta
    unknown_errors: int

    @property
    def oldest(self) -> timedelta:
        return max((one.oldest for one in self.queues), default=timedelta())

    @property
    def closed(self) -> list[Lane]:
        return [one for one in self.lanes if one.closed_until and one.closed_until > timezone.now()]

    @property
    def troubles(self) -> list[str]:
        """What an operator should look at, in sentences."""
        found = []
        if self.oldest > LATE:
            late = [one.name for one in self.queues if one.oldest > LATE]
            found.append(f"Steps are overdue in {', '.join(late)}: no worker takes them.")
        if any(one.abandoned for one in self.queues):
            found.append("Leases have ended without their step: workers die, or stand still.")
        if self.oldest_delivery > LATE:
            found.append("Webhooks lie unread: no worker serves the lane “events”.")
        found += [f"{lane.name} is left alone: {lane.because}." for lane in self.closed]
        return found


def now() -> Operations:
    """As of this moment; a handful of queries over partial indexes."""
    queues = [
        Queue(name, due, waiting, running, abandoned, timedelta(seconds=oldest))
        for name, due, waiting, running, abandoned, oldest in prepared.rows(_QUEUES, {})
    ]
    unread = Delivery.objects.filter(handled_at=None).order_by("received_at")
    first = unread.values_list("received_at", flat=True).first()
    return Operations(
        queues=queues,
        lanes=list(Lane.objects.order_by("name")),
        outcomes=_outcomes(),
        runs=dict(Run.objects.filter(state=RunState.ACTIVE).values_list("kind").annotate(Count("pk")).order_by("kind")),
        deliveries=unread.count(),
        oldest_delivery=timezone.now() - first if first else timedelta(),
        unknown_errors=Event.objects.filter(
            type="onramp.step.unknown_error", time__gt=timezone.now() - timedelta(days=1)
        ).count(),
    )


def _outcomes() -> list[Outcome]:
    recent = Attempt.objects.filter(~Q(outcome=""), ended_at__gt=timezone.now() - LATELY)
    rows = (
        recent.order_by().values_list("step__name", "outcome").annotate(Count("pk")).order_by("step__name", "outcome")
    )
    return [Outcome(*row) for row in rows]
