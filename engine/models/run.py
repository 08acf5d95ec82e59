"""A run: steps that belong together."""

import uuid

from django.db import models
from django.db.models.functions import Now

from engine.models.states import RunState


class Run(models.Model):
    """Steps that belong together. `topic` names what in the outside world wakes its waiting steps."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.ACTIVE)
    topic = models.CharField(max_length=250, blank=True)
    trace = models.CharField(max_length=55, blank=True, help_text="W3C traceparent of the request that started it")
    version = models.BigIntegerField(default=0, help_text="grows with every change that a page would show")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["topic"], condition=models.Q(state="active") & ~models.Q(topic=""), name="run_by_topic"
            ),
            models.Index(fields=["kind", "created_at"], name="run_by_kind"),
            models.Index(fields=["kind"], condition=models.Q(state="active"), name="run_active"),
            models.Index(fields=["kind", "ended_at"], condition=models.Q(state="done"), name="run_done"),
            models.Index(
                fields=["kind", "created_at"],
                condition=models.Q(state__in=["declined", "cancelled"]),
                name="run_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
