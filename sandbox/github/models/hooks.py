"""Webhooks and their deliveries."""

from django.db import models
from django.utils import timezone

from sandbox.github.models.repositories import Repository


class Hook(models.Model):
    """A webhook of a repository."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="hooks")
    url = models.TextField()
    secret = models.TextField(blank=True)
    events = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.url

    def subscribes_to(self, event: str) -> bool:
        return event == "ping" or "*" in self.events or event in self.events


class Delivery(models.Model):
    """A webhook that was sent or is queued.

    `sent_at` is empty until it is sent; `status` is empty if there was no response.
    """

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="deliveries")
    guid = models.UUIDField()
    event = models.CharField(max_length=40)
    action = models.CharField(max_length=40, blank=True)
    payload = models.BinaryField()
    headers = models.JSONField(default=dict)
    redelivery = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    status = models.IntegerField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.event} {self.guid}"
