"""What all processes share about a provider: whose turn it is to change something there, and whether it is paused."""

from django.db import models
from django.db.models.functions import Now


class ProviderLimit(models.Model):
    """One provider. All times are the database's."""

    name = models.CharField(max_length=40, primary_key=True)
    turn = models.BigIntegerField(null=True, help_text="the place that has the turn")
    served = models.FloatField(db_default=0, help_text="the number of the last place that had the turn")
    busy_until = models.DateTimeField(null=True, help_text="the turn ends by then, whatever becomes of its holder")
    next_at = models.DateTimeField(null=True, help_text="when the next change may begin")
    changes = models.BigIntegerField(db_default=0, help_text="how many changes have begun")
    paused_until = models.DateTimeField(null=True, help_text="no request before this time")
    requested = models.BooleanField(default=False, help_text="the provider itself asked for the pause")
    reason = models.CharField(max_length=250, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="exchanges in a row without a proper answer")

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A place in the queue for a provider's turn, from when somebody asks for it until their turn ends.

    `number` is the start tag of start-time fair queueing: places are served by (number, id). A waiter is *present* while it
    waits in place; a step that was sent away keeps its place, and is *called* when it can come back.
    """

    provider = models.CharField(max_length=40)
    waiter = models.BigIntegerField(null=True, help_text="the step that waits; none for a change outside of steps")
    share = models.CharField(max_length=60, blank=True, help_text="the team that the turn counts for")
    number = models.FloatField()
    since = models.DateTimeField(db_default=Now())
    present_until = models.DateTimeField(help_text="the waiter was seen, and counts as present until then")
    kept_until = models.DateTimeField(help_text="the place is dropped then, unless its waiter is seen again")
    called_at = models.DateTimeField(null=True, help_text="when a waiter that was sent away was called back")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "waiter"], name="one_place_per_waiter")]
        indexes = [models.Index(fields=["provider", "number", "id"], name="place_in_order")]

    def __str__(self) -> str:
        return f"{self.number:g} at {self.provider}"
