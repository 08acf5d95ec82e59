"""What all processes know of a provider: when it may be changed next, and whether it is to be left alone."""

from django.db import models


class Lane(models.Model):
    """One provider. Times are the database's."""

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField(null=True, help_text="when the next change may begin")
    busy_until = models.DateTimeField(null=True, help_text="a change is under way, at the longest until then")
    closed_until = models.DateTimeField(null=True, help_text="nothing is asked of it before")
    asked = models.BooleanField(default=False, help_text="the provider itself asked for the pause")
    because = models.CharField(max_length=250, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="exchanges in a row without a proper answer")

    def __str__(self) -> str:
        return self.name
