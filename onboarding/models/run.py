"""What the engine decides on: runs, their steps, each try of them, and what they changed outside.

A run is anything that goes by steps: an onboarding, a blocker's ticket, a message, the watch over an application.
"""

import functools
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class RunState(models.TextChoices):
    ACTIVE = "active", "Active"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    CANCELLED = "cancelled", "Cancelled"


class StepState(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    READY = "ready", "About to start"
    RUNNING = "running", "In progress"
    WAITING = "waiting", "Waiting"
    BLOCKED = "blocked", "Blocked"
    FAILED = "failed", "There is a problem"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    CANCELLED = "cancelled", "Cancelled"


class Move(models.TextChoices):
    """Whose turn it is."""

    MACHINE = "machine", "Onramp"
    TEAM = "team", "your team"
    PLATFORM = "platform", "the platform team"


OPEN_STATES = [StepState.READY, StepState.RUNNING, StepState.WAITING]
ENDED_STATES = [StepState.DONE, StepState.REFUSED, StepState.CANCELLED]


class Run(models.Model):
    """Steps that belong together. `topic` names what in the outside wakes its waiting steps."""

    # A new column has a default of the database's: workers of the version before still write rows, without it.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.ACTIVE)
    topic = models.CharField(max_length=250, blank=True)
    # Workers of the version before read it here; this one reads its copy in the steps.
    share = models.CharField(
        max_length=60, blank=True, db_default="", help_text="whose share of the workers it uses: a team's"
    )
    trace = models.CharField(max_length=55, blank=True, db_default="", help_text="W3C traceparent of what began it")
    version = models.BigIntegerField(default=0, help_text="grows with every change that a page would show")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["topic"], condition=models.Q(state="active") & ~models.Q(topic=""), name="run_by_topic"
            ),
            models.Index(fields=["kind", "created_at"], name="run_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Step(models.Model):
    """A named part of a run, with what it waits for and who holds it.

    `epoch` is the fencing token: it grows with every claim, and a worker may write only while it is still its own.
    All times are the database's.
    """

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="steps", db_index=False
    )  # see one_step_per_name
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    needs = ArrayField(models.CharField(max_length=40), default=list)
    queue = models.CharField(max_length=40)
    share = models.CharField(
        max_length=60, blank=True, db_default="", help_text="its run's, so that an index finds the oldest of each"
    )
    state = models.CharField(max_length=12, choices=StepState.choices, default=StepState.NOT_STARTED)
    move = models.CharField(max_length=10, choices=Move.choices, default=Move.MACHINE)
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="tries in a row that ended in a transient error")
    failing_since = models.DateTimeField(null=True, blank=True)
    losses = models.PositiveIntegerField(default=0, help_text="claims whose worker never came back")
    epoch = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    looking = models.BooleanField(db_default=False, help_text="its holder only looks again at what it waits for")
    woken = models.BooleanField(default=False, help_text="something happened while a worker held the step")
    reason = models.TextField(blank=True, help_text="in words: why it is where it is")
    detail = models.TextField(blank=True, help_text="the raw words behind the reason")
    links = models.JSONField(default=list, help_text="[[words, address], …]")
    result = models.JSONField(default=dict, help_text="what later steps read")
    blocker = models.ForeignKey(
        "Blocker", null=True, blank=True, on_delete=models.SET_NULL, related_name="steps", db_index=False
    )
    since = models.DateTimeField(db_default=Now(), help_text="when it came into this state")
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="one_step_per_name"),
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_until__isnull=False), name="running_has_lease"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["waiting", "ready"]) | models.Q(due_at__isnull=False),
                name="waiting_has_due",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state__in=["ready", "waiting"]), name="step_due"),
            models.Index(
                fields=["queue", "share", "due_at"],
                condition=models.Q(state__in=["ready", "waiting"]),
                name="step_in_lane",
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state="running"), name="step_leased"),
            models.Index(fields=["blocker"], condition=models.Q(blocker__isnull=False), name="step_blocked"),
        ]
        ordering = ["position"]

    alone = False
    """Whether no other step of the run can change before this one ends; said by the claim."""

    def __str__(self) -> str:
        return f"{self.name} of {self.run_id}"

    @functools.cached_property
    def known_effects(self) -> "dict[tuple[str, str], Effect]":
        """(kind, name) → effect, read once by whoever holds the step."""
        return {(one.kind, one.name): one for one in self.effects.all()}


class Attempt(models.Model):
    """One numbered try of a step and what it said; written when it ends or waits, or when its worker is known to be lost."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    says = models.TextField(blank=True)
    log = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "number"], name="one_attempt_per_number")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.step_id}"


class EffectState(models.TextChoices):
    INTENDED = "intended", "Intended"
    MADE = "made", "Made"
    REFUSED = "refused", "Refused"


class Effect(models.Model):
    """A change that a step made outside. `name` is derived from what it is for, before the first call."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="effects", db_index=False)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=EffectState.choices, default=EffectState.INTENDED)
    tries = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    reference = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "kind", "name"], name="one_effect")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.state}"
