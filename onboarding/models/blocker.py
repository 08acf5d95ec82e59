"""A cause that stops steps, shared by all of them, with the ticket that the platform team works on."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from catalog.models import Organisation, Team
from engine.models import Move, Run, Step, StepState

RETURNS = 2
"""How often in a row a step can return to a cause right after it cleared. After that, only people clear it."""


class BlockerState(models.TextChoices):
    """In: how a blocker gets into the state. Only OPEN is left again."""

    OPEN = "open", "Open"
    """In: a step met the cause."""
    CLEARED = "cleared", "Cleared"
    """In: its condition holds; its steps resume."""
    DECLINED = "declined", "Won't do"
    """In: its ticket was closed with a resolution that means no; its steps end as declined."""
    ABANDONED = "abandoned", "No longer needed"
    """In: no step waits for it any more."""


@dataclass(frozen=True)
class Clearing:
    """How an earlier blocker of the same cause cleared, with its ticket if it had one."""

    at: datetime
    message: str
    ticket_key: str
    ticket_url: str


class Blocker(models.Model):
    """One cause. `fingerprint` is the cause and its object; only one open blocker may have it."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="blocker")
    kind = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=BlockerState.choices, default=BlockerState.OPEN)
    owner = models.CharField(max_length=10, choices=Move.choices)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    summary = models.CharField(max_length=250)
    explanation = models.TextField()
    clears_when = models.TextField(help_text="the condition that is checked, as a sentence")
    facts = models.JSONField(default=dict, help_text="what the condition is checked with")
    ticket_id = models.CharField(max_length=40, blank=True)
    ticket_key = models.CharField(max_length=40, blank=True)
    ticket_url = models.CharField(max_length=500, blank=True)
    generation = models.PositiveSmallIntegerField(default=1, help_text="grows when a deleted ticket is opened again")
    closing_message = models.CharField(max_length=250, blank=True, help_text="how it ended, as a sentence")
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    resumed = ArrayField(
        models.BigIntegerField(), default=list, help_text="keys of the steps that resumed when it cleared"
    )
    history = models.JSONField(
        default=list, help_text="how its cause cleared earlier, each time a step returned to it: see Clearing"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=models.Q(state="open"), name="one_open_blocker_per_cause"
            )
        ]
        indexes = [
            models.Index(
                fields=["fingerprint", "closed_at"], condition=models.Q(state="cleared"), name="blocker_by_cause"
            ),
            models.Index(fields=["closed_at"], name="blocker_by_end"),
            models.Index(fields=["kind", "closed_at"], condition=models.Q(state="cleared"), name="blocker_cleared"),
        ]
        ordering = ["opened_at"]

    def __str__(self) -> str:
        return self.summary

    @property
    def clearings(self) -> "list[Clearing]":
        return [Clearing(datetime.fromisoformat(at), message, ticket, url) for at, message, ticket, url in self.history]

    @property
    def is_disputed(self) -> bool:
        """Its condition held, but the same step kept returning: only people can clear it now."""
        return len(self.history) >= RETURNS

    @property
    def blocked_steps(self) -> models.QuerySet[Step]:
        """The steps that wait for it now."""
        return Step.objects.filter(blocked_by=self.pk, state=StepState.BLOCKED)


class TicketComment(models.Model):
    """A comment on the ticket, stored so that the pages of its runs can show it."""

    blocker = models.ForeignKey(Blocker, on_delete=models.CASCADE, related_name="comments")
    external_id = models.CharField(max_length=40)
    author = models.CharField(max_length=120)
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blocker", "external_id"], name="one_comment")]
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40]}"
