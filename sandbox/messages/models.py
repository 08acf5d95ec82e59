"""The messages in the chat and the emails in the mailbox."""

from django.db import models
from django.utils import timezone


class Channel(models.Model):
    """A channel; with a `member`, the direct messages between Onramp and that person."""

    chat_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    member = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="messages")
    ts = models.CharField(max_length=20)
    author = models.CharField(max_length=60)
    text = models.TextField()
    metadata = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["channel", "ts"], name="message_ts"),)

    def __str__(self) -> str:
        return self.text[:40]


class Letter(models.Model):
    """An email that arrived."""

    at = models.DateTimeField(default=timezone.now)
    sender = models.CharField(max_length=320)
    recipients = models.JSONField()
    subject = models.TextField(blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    text = models.TextField(blank=True)
    raw = models.BinaryField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.subject
