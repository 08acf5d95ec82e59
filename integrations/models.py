"""What all processes share about a provider: when it may be changed next, and whether it is paused."""

from django.db import models


class ProviderLimit(models.Model):
    """One provider. All times are the database's."""

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField(null=True, help_text="when the next change may begin")
    busy_until = models.DateTimeField(null=True, help_text="a change is in progress, at the longest until then")
    paused_until = models.DateTimeField(null=True, help_text="no request before this time")
    requested = models.BooleanField(default=False, help_text="the provider itself asked for the pause")
    reason = models.CharField(max_length=250, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="exchanges in a row without a proper answer")

    def __str__(self) -> str:
        return self.name
