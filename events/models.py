"""What happened: webhooks as raw bytes, and our events. Append-only, by triggers (`events/migrations/0002_content.py`)."""

import zlib

from django.db import models
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Now

ABOUT_PEOPLE = models.Q(type__startswith="onramp.membership.") | models.Q(type__startswith="onramp.person.")
"""Events by which people come, go and are renamed; `events.log.OF_PEOPLE` has the same words."""
ACTS = ~models.Q(person="") | ABOUT_PEOPLE
"""What people did, and what happened to them."""
FAULTS = models.Q(type__in=["onramp.step.unknown_error", "onramp.step.quarantined", "onramp.run.stranded"])
"""What should never happen, and is a fault of ours where it does."""


class WebhookDelivery(models.Model):
    """A webhook in its raw bytes, stored once per source and content, and kept for the retention after it was translated.

    The delivery id is not signed: two deliveries may carry the same one, and one content may come under many.
    """

    source = models.CharField(max_length=40)
    delivery_id = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the signed bytes")
    headers = models.JSONField()
    body = models.BinaryField(help_text="the signed bytes, compressed with zlib")
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, help_text="why it could not be translated")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="one_content")]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(handled_at=None), name="delivery_unhandled"),
            models.Index(fields=["received_at"], name="delivery_by_age"),
        ]
        verbose_name_plural = "webhook deliveries"

    def __str__(self) -> str:
        return f"{self.source} {self.delivery_id}"

    @property
    def content(self) -> bytes:
        """The bytes that were signed, exactly."""
        return zlib.decompress(self.body)


class WebhookSource(models.Model):
    """How much a source has stored; its row is locked while a delivery of it is stored."""

    name = models.CharField(max_length=40, primary_key=True)
    bytes = models.BigIntegerField(help_text="what its stored bodies take")
    full_since = models.DateTimeField(null=True, blank=True, help_text="refused since then")

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """An immutable record that something happened, ours or a tool's; the fields of CloudEvents 1.0."""

    # Every write pays for every index, so the id is both the event's identity and a subscriber's position.
    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    source = models.CharField(max_length=80)
    subject = models.CharField(max_length=200, blank=True)
    time = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)
    person = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="event_by_subject"),
            # The only queries over all subjects at once; everything else reads on from a position.
            models.Index(fields=["time"], condition=models.Q(type="onramp.blocker.joined"), name="event_of_joining"),
            models.Index(fields=["time"], condition=FAULTS, name="event_of_fault"),
            models.Index(fields=["person", "id"], condition=~models.Q(person=""), name="event_by_person"),
            models.Index(KeyTransform("login", "data"), condition=ABOUT_PEOPLE, name="event_by_login"),
            models.Index(fields=["id"], condition=ACTS, name="event_of_act"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"
