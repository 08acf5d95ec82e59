"""What a run is for: an onboarding with its plan, a message to people, the watch over what runs."""

import uuid

from django.db import models
from django.db.models.functions import Now

from catalog.models import Application, Person, Repository, Target, Team
from onboarding.models.blocker import Blocker
from onboarding.models.run import Run


class Plan(models.Model):
    """Everything an onboarding would change, worked out by reading only. Never changed once made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="plans")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="plans")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(Target, null=True, on_delete=models.CASCADE, related_name="+")
    head = models.CharField(max_length=40, help_text="the commit that was read")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content, in hexadecimal")
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"plan {self.digest[:8]} of {self.repository}"


class Kept(models.Model):
    """What people set right about a repository's components, for every plan to come."""

    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, primary_key=True, related_name="kept")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    corrections = models.JSONField()
    kept_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"corrections of {self.repository}"


class Onboarding(models.Model):
    """One run of a plan."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="onboarding")
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="onboardings")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="onboardings")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="onboardings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="onboardings")
    active = models.BooleanField(default=True, help_text="its run has not ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repository"], condition=models.Q(active=True), name="one_active_onboarding"
            )
        ]

    def __str__(self) -> str:
        return f"onboarding of {self.repository}"


class Undo(models.Model):
    """Taking back what an ended onboarding made outside."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="undo")
    onboarding = models.ForeignKey(Onboarding, on_delete=models.CASCADE, related_name="undos")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True, help_text="its run has not ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["onboarding"], condition=models.Q(active=True), name="one_active_undo")
        ]

    def __str__(self) -> str:
        return f"undo of {self.onboarding_id}"


class IdempotencyKey(models.Model):
    """The answer to a POST that a caller may repeat: the same key means the same onboarding."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    onboarding = models.ForeignKey(Onboarding, on_delete=models.CASCADE, related_name="+")
    request_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return self.key


class MessageKind(models.TextChoices):
    NEEDS_YOU = "needs-you", "It is your move"
    READY = "ready", "It is ready"
    NEW_CAUSE = "new-cause", "A new cause for the platform team"


class Message(models.Model):
    """Something told to people, at most once per kind and occasion."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="message")
    kind = models.CharField(max_length=12, choices=MessageKind.choices)
    onboarding = models.ForeignKey(Onboarding, null=True, on_delete=models.CASCADE, related_name="messages")
    blocker = models.ForeignKey(Blocker, null=True, on_delete=models.CASCADE, related_name="messages")
    text = models.TextField()
    url = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["onboarding", "kind"], name="one_message_per_kind"),
            models.UniqueConstraint(fields=["blocker", "kind"], name="one_message_per_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:40]}"


class Presence(models.Model):
    """Somebody's page of a run asked for news just now: no need to write to them."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "person"], name="one_presence")]

    def __str__(self) -> str:
        return f"{self.person} at {self.run_id}"


class Observation(models.Model):
    """The watch over the applications of one repository, from their onboarding on."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="observation")
    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="observation")

    def __str__(self) -> str:
        return f"watch over {self.repository}"

    @property
    def applications(self) -> models.QuerySet[Application]:
        return self.repository.applications.filter(removed_at__isnull=True)
