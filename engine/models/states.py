"""The states of runs, steps and effects: how one gets into each, and out of it again."""

from django.db import models


class RunState(models.TextChoices):
    """A run starts ACTIVE and ends in exactly one of the other states; an ended run never changes again."""

    ACTIVE = "active", "Active"
    """From its start until it ends."""
    DONE = "done", "Done"
    """Every step is done."""
    DECLINED = "declined", "Declined"
    """A step ended as declined."""
    CANCELLED = "cancelled", "Cancelled"
    """A person cancelled it."""


class StepState(models.TextChoices):
    """In: how a step gets into the state. Out: what takes it out again."""

    NOT_STARTED = "not_started", "Not started"
    """In: the run starts, or re-runs from an earlier step. Out: everything the step needs is done."""
    READY = "ready", "About to start"
    """In: everything it needs is done, its blocker cleared, or a person retried it. Out: a worker claims it."""
    RUNNING = "running", "In progress"
    """In: a worker claims it. Out: the worker completes this execution, or its lease expires and another claims it."""
    WAITING = "waiting", "Waiting"
    """In: there is nothing to do yet, or a transient error. Out: it falls due, or something it waits for happened."""
    BLOCKED = "blocked", "Blocked"
    """In: it met a typed cause. Out: the blocker clears (ready) or is declined (declined)."""
    FAILED = "failed", "Failed"
    """In: an error that only a person can fix. Out: a person retries it."""
    DONE = "done", "Done"
    """In: the step finished. Out: only a re-run from this or an earlier step."""
    DECLINED = "declined", "Declined"
    """In: somebody decided against it. Final; the run ends as declined."""
    CANCELLED = "cancelled", "Cancelled"
    """In: the run ended before the step did. Final."""


class Move(models.TextChoices):
    """Whose turn it is."""

    MACHINE = "machine", "Onramp"
    TEAM = "team", "your team"
    PLATFORM = "platform", "the platform team"


class EffectState(models.TextChoices):
    INTENDED = "intended", "Intended"
    """In: committed directly before each call, or set back by a re-run. Out: it is found or created, or clearly refused."""
    MADE = "made", "Made"
    """In: it was found or created outside. Out: only a re-run, which looks for it again."""
    REFUSED = "refused", "Refused"
    """In: the other side clearly said no, so nothing exists. Out: the next call."""


OPEN_STATES = [StepState.READY, StepState.RUNNING, StepState.WAITING]
ENDED_STATES = [StepState.DONE, StepState.DECLINED, StepState.CANCELLED]
