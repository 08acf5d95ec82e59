"""Who may write: a lease in the database's time and a fencing token (the step's epoch)."""

from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from engine.models import Step, StepState
from engine.outcomes import Lost

LEASE = timedelta(seconds=30)
MAX_CRASHES = 4
"""A step whose workers die this often in a row is stopped: the step is what kills them."""


def held(step: Step) -> QuerySet[Step]:
    """The row, only while this claim still holds it."""
    return Step.objects.filter(pk=step.pk, epoch=step.epoch, state=StepState.RUNNING)


def renew(step: Step) -> None:
    """Extend the lease by its full length from now. Raises Lost.

    In a transaction, nobody else can take the step or end its run before that transaction ends.
    """
    if not held(step).update(lease_until=Now() + LEASE):
        raise Lost
