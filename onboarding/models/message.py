"""A message to people, sent by a run of its own."""

from django.db import models

from engine.models import Run
from onboarding.models.blocker import Blocker
from onboarding.models.onboarding import Onboarding


class MessageKind(models.TextChoices):
    NEEDS_YOU = "needs-you", "It is your move"
    NEEDS_TEAM = "needs-team", "Somebody of the team has to agree"
    READY = "ready", "It is ready"
    NEW_BLOCKER = "new-blocker", "A new blocker for the platform team"


class Message(models.Model):
    """A message to people, at most one per kind, subject and cause."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="message")
    kind = models.CharField(max_length=12, choices=MessageKind.choices)
    onboarding = models.ForeignKey(Onboarding, null=True, on_delete=models.CASCADE, related_name="messages")
    blocker = models.ForeignKey(Blocker, null=True, on_delete=models.CASCADE, related_name="messages")
    about = models.CharField(max_length=300, blank=True, help_text="the step and the cause that it is about")
    text = models.TextField()
    url = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["onboarding", "kind", "about"], name="one_message_per_cause"),
            models.UniqueConstraint(fields=["blocker", "kind"], name="one_message_per_blocker"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:40]}"
