"""Whether Onramp itself keeps up: what is overdue, what is abandoned, which provider is paused."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from database import prepared
from engine.models import Attempt, Run, RunState
from events import intake
from events.models import WebhookDelivery, WebhookSource
from integrations import exclusion, turns
from integrations.models import ProviderLimit
from integrations.turns import ProviderQueue

RECENT = timedelta(hours=1)
LATE = timedelta(seconds=30)
"""A step that is overdue for longer than this means that no worker takes it: a notification and several sweeps have
passed."""

_QUEUES = prepared.load(__package__, "queues")
_FAULTS = prepared.load(__package__, "faults")


@dataclass(frozen=True)
class Queue:
    """The steps of one queue. `abandoned` ones have a holder whose lease expired; `oldest` is how long one is overdue."""

    name: str
    due: int
    waiting: int
    running: int
    abandoned: int
    oldest: timedelta


@dataclass(frozen=True)
class OutcomeCount:
    """How the attempts of one step ended within the last hour."""

    step: str
    outcome: str
    count: int


@dataclass(frozen=True)
class Operations:
    queues: list[Queue]
    providers: list[ProviderLimit]
    lines: dict[str, ProviderQueue]
    """Provider → those who wait for its turn."""
    outcomes: list[OutcomeCount]
    runs: dict[str, int]
    deliveries: int
    oldest_delivery: timedelta
    sources: list[WebhookSource]
    faults: dict[str, int]
    """Type of event → how often it happened in the last day; what did not happen is missing."""

    @property
    def unknown_errors(self) -> int:
        return self.faults.get("onramp.step.unknown_error", 0)

    @property
    def stranded(self) -> int:
        """How often a run had stopped although it could continue."""
        return self.faults.get("onramp.run.stranded", 0)

    @property
    def quarantined(self) -> int:
        """Pauses of steps that nobody looks at and that keep killing their workers."""
        return self.faults.get("onramp.step.quarantined", 0)

    @property
    def oldest(self) -> timedelta:
        return max((queue.oldest for queue in self.queues), default=timedelta())

    @property
    def paused(self) -> list[ProviderLimit]:
        now = timezone.now()
        return [provider for provider in self.providers if provider.paused_until and provider.paused_until > now]

    @property
    def providers_with_lines(self) -> list[tuple[ProviderLimit, ProviderQueue | None]]:
        return [(provider, self.lines.get(provider.name)) for provider in self.providers]

    @property
    def problems(self) -> list[str]:
        """What an operator should look at, in sentences."""
        problems = []
        if self.oldest > LATE:
            late = [queue.name for queue in self.queues if queue.oldest > LATE]
            problems.append(f"Steps are overdue in {', '.join(late)}: no worker takes them.")
        if any(queue.abandoned for queue in self.queues):
            problems.append("Leases have expired before their step ended: workers die or hang.")
        if self.oldest_delivery > LATE:
            problems.append(f"Webhooks are not being processed: no worker serves the queue “{intake.QUEUE}”.")
        problems += [
            f"Webhooks from {source.name} are refused: the {settings.ENV.portal_webhook_megabytes:g} MB of their budget are used up."
            for source in self.sources
            if source.full_since
        ]
        if self.stranded:
            problems.append(
                f"Onramp resumed {self.stranded} runs that had stopped in the last 24 hours. This is a defect of Onramp: please report it."
            )
        if self.quarantined:
            problems.append(
                "A step of a blocker, a message or a watch keeps killing its workers; it is tried once an hour."
            )
        problems += [f"{provider.name} is paused: {provider.reason}." for provider in self.paused]
        return problems


def now() -> Operations:
    """As of this moment, by a handful of queries over partial indexes: the cost grows with what is active, not with what
    has ended. Nothing here is a total, so nothing is counted that could go wrong."""
    queues = [
        Queue(name, due, waiting, running, abandoned, timedelta(seconds=oldest))
        for name, due, waiting, running, abandoned, oldest in prepared.execute(_QUEUES, {})
    ]
    unread = WebhookDelivery.objects.filter(handled_at=None).order_by("received_at")
    first = unread.values_list("received_at", flat=True).first()
    active = Run.objects.filter(state=RunState.ACTIVE).values_list("kind")
    return Operations(
        queues=queues,
        providers=list(ProviderLimit.objects.exclude(name__startswith=exclusion.PREFIX).order_by("name")),
        lines={line.provider: line for line in turns.queues()},
        outcomes=_outcomes(),
        runs=dict(active.annotate(count=Count("*")).order_by("kind")),
        deliveries=unread.count(),
        oldest_delivery=timezone.now() - first if first else timedelta(),
        sources=list(WebhookSource.objects.order_by("name")),
        faults=dict(prepared.execute(_FAULTS, {})),
    )


def _outcomes() -> list[OutcomeCount]:
    recent = Attempt.objects.filter(~Q(outcome=""), ended_at__gt=timezone.now() - RECENT, is_summary=False)
    counts = recent.order_by().values_list("step__name", "outcome").annotate(Count("pk"))
    return [OutcomeCount(*row) for row in counts.order_by("step__name", "outcome")]
