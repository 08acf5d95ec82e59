"""A cause that stops steps, shared by all of them, with the ticket that somebody works off."""

from django.db import models
from django.db.models.functions import Now

from catalog.models import Organisation, Team
from onboarding.models.run import Move, Run


class BlockerState(models.TextChoices):
    OPEN = "open", "Open"
    CLEARED = "cleared", "Cleared"
    REFUSED = "refused", "Won't do"
    LEFT = "left", "Nobody waits any more"


class Blocker(models.Model):
    """One cause. `fingerprint` is the cause and its object; only one open blocker may have it."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="blocker_watched")
    kind = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=BlockerState.choices, default=BlockerState.OPEN)
    owner = models.CharField(max_length=10, choices=Move.choices)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    summary = models.CharField(max_length=250)
    explanation = models.TextField()
    clears_when = models.TextField(help_text="in words: the condition that we check")
    facts = models.JSONField(default=dict, help_text="what the condition is checked with")
    ticket_id = models.CharField(max_length=40, blank=True)
    ticket_key = models.CharField(max_length=40, blank=True)
    ticket_url = models.CharField(max_length=500, blank=True)
    generation = models.PositiveSmallIntegerField(default=1, help_text="grows when a deleted ticket is opened anew")
    ends_with = models.CharField(max_length=250, blank=True, help_text="how it ended, in words")
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=models.Q(state="open"), name="one_open_blocker_per_cause"
            )
        ]
        ordering = ["opened_at"]

    def __str__(self) -> str:
        return self.summary


class TicketComment(models.Model):
    """What people and we said on a ticket, kept so that the run's page can show it."""

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
