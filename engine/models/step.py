"""A step of a run, with its attempts and its effects outside."""

import functools

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from engine.models.run import Run
from engine.models.states import EffectState, Move, StepState


class Step(models.Model):
    """A named part of a run, with what it waits for and who holds it.

    `epoch` is the fencing token: it grows with every claim, and a worker may write only while it is still its own.
    """

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="steps", db_index=False
    )  # see one_step_per_name
    name = models.CharField(max_length=40)
    position = models.SmallIntegerField()
    needs = ArrayField(models.CharField(max_length=40), default=list)
    queue = models.CharField(max_length=40)
    share = models.CharField(
        max_length=60, blank=True, db_default="", help_text="whose share of the workers it uses: a team's"
    )
    state = models.CharField(max_length=12, choices=StepState.choices, default=StepState.NOT_STARTED)
    move = models.CharField(max_length=10, choices=Move.choices, default=Move.MACHINE)
    attempt = models.IntegerField(default=0)
    failures = models.IntegerField(default=0, help_text="attempts in a row that ended in a transient error")
    failing_since = models.DateTimeField(null=True, blank=True)
    crashes = models.IntegerField(default=0, help_text="claims in a row whose worker never came back")
    epoch = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    rechecking = models.BooleanField(db_default=False, help_text="its holder only checks what it waits for again")
    woken = models.BooleanField(default=False, help_text="something happened while a worker held the step")
    reason = models.TextField(blank=True, help_text="why it is in its state, as a sentence")
    detail = models.TextField(blank=True, help_text="the raw output behind the reason")
    links = models.JSONField(default=list, help_text="[[label, URL], …]")
    result = models.JSONField(default=dict, help_text="what later steps read")
    blocked_by = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="blocked_steps", db_index=False
    )
    """The run that watches over whatever blocks this step, and ends once it is gone."""
    since = models.DateTimeField(db_default=Now(), help_text="when it entered this state")
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # PostgreSQL would parse a CHECK constraint again for every statement, so `sql/stranded.sql` finds what breaks the rule
        # that a running step has a lease, and a ready or waiting one a time when it is due.
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_step_per_name")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state__in=["ready", "waiting"]), name="step_due"),
            models.Index(
                fields=["queue", "share", "due_at"],
                condition=models.Q(state__in=["ready", "waiting"]),
                name="step_in_queue",
            ),
            models.Index(fields=["queue", "share"], condition=models.Q(state="running"), name="step_running"),
            models.Index(fields=["blocked_by"], condition=models.Q(blocked_by__isnull=False), name="step_blocked"),
        ]
        ordering = ["position"]

    is_last = False
    """Whether every other step was done when it was claimed: only a hint, as somebody may run one of them again."""

    def __str__(self) -> str:
        return f"{self.name} of {self.run_id}"

    @functools.cached_property
    def known_effects(self) -> "dict[tuple[str, str], Effect]":
        """(kind, name) → effect, read once by the worker that holds the step."""
        return {(effect.kind, effect.name): effect for effect in self.effects.all()}


class Attempt(models.Model):
    """One numbered attempt of a step and its log; written when it ends or waits, or when its worker is known to be lost.

    Once its run has ended long ago (`portal/retention.py`), the last attempt of a step is its summary: its number is how
    many there were.
    """

    # Only the statements that hold the step's row write an attempt, so the database need not look up the step.
    step = models.ForeignKey(
        Step, on_delete=models.CASCADE, related_name="attempts", db_index=False, db_constraint=False
    )
    number = models.IntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    message = models.TextField(blank=True)
    log = models.TextField(blank=True)
    is_summary = models.BooleanField(db_default=False, help_text="the others of its step and its log were removed")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "number"], name="one_attempt_per_number")]
        indexes = [models.Index(fields=["ended_at"], condition=models.Q(is_summary=False), name="attempt_by_end")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.step_id}"


class Effect(models.Model):
    """A change that a step made outside. `name` is derived from what it is for, before the first call."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="effects", db_index=False)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=EffectState.choices, default=EffectState.INTENDED)
    tries = models.PositiveIntegerField(default=0)
    epoch = models.BigIntegerField(
        db_default=0,
        help_text="of the step when it was last tried, or told to look again: nobody earlier may write this row",
    )
    tried_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    reference = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "kind", "name"], name="one_effect")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.state}"
