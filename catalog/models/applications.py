"""Applications, and what was last seen of each."""

from typing import Any

from django.db import models
from django.utils import timezone

from catalog.models.people import Team
from catalog.models.places import Repository, Target


class Health(models.TextChoices):
    """The health of one axis of an application. Unknown is shown, never guessed."""

    GOOD = "good", "Good"
    BAD = "bad", "Broken"
    BUSY = "busy", "In progress"
    UNKNOWN = "unknown", "Unknown"


class ApplicationQuerySet(models.QuerySet["Application"]):
    def held(self, team: Team, target: Target) -> "ApplicationQuerySet":
        """Those that use the team's namespace on this target, or wait for a grant."""
        return self.filter(team=team, target=target, removed_at__isnull=True)

    def held_by(self, repository: Repository) -> "ApplicationQuerySet":
        return self.filter(repository=repository, removed_at__isnull=True)

    def granted(self) -> "ApplicationQuerySet":
        return self.filter(granted_at__isnull=False)

    def waiting(self) -> "ApplicationQuerySet":
        """Those that request something else than they were granted."""
        return self.filter(models.Q(granted_at__isnull=True) | ~models.Q(requested=models.F("demand")))


class Application(models.Model):
    """A component once a team runs it through Onramp."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="applications")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="applications")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="applications")
    name = models.CharField(max_length=63)
    root = models.CharField(max_length=300, blank=True)
    demand = models.JSONField(default=dict, help_text="what it was granted of the namespace's quota, as quantities")
    requested = models.JSONField(default=dict, help_text="what its newest run requests; granted once it is the demand")
    address = models.CharField(max_length=300, blank=True)
    health_path = models.CharField(max_length=200, default="/", help_text="the path that verification requests")
    own_metrics = models.BooleanField(default=False, help_text="exposes series of its own")
    granted_at = models.DateTimeField(null=True, blank=True, help_text="when the team's quota was raised for it")
    onboarded_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "target", "name"], condition=models.Q(removed_at__isnull=True), name="one_application"
            )
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.requested = self.requested or self.demand
        super().save(*args, **kwargs)

    @property
    def is_waiting(self) -> bool:
        return self.granted_at is None or self.requested != self.demand

    @property
    def namespace(self) -> str:
        return self.target.namespace_of(self.team)


class Axis(models.TextChoices):
    BUILD = "build", "Build"
    DELIVERY = "delivery", "Delivery"
    RUNTIME = "runtime", "Runtime"


class Status(models.Model):
    """What was last seen of one axis of an application, when, and why."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="statuses")
    axis = models.CharField(max_length=10, choices=Axis.choices)
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.UNKNOWN)
    cause = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=500, blank=True)
    commit = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "axis"], name="one_status_per_axis")]

    def __str__(self) -> str:
        return f"{self.application} {self.axis}: {self.health}"

    @classmethod
    def note(cls, application: Application, axis: str, health: str, **seen: Any) -> bool:
        """Store what was seen; True where the health or its cause has changed."""
        now = timezone.now()
        existing = cls.objects.select_for_update().filter(application=application, axis=axis).first()
        row = existing or cls(application=application, axis=axis)
        changed = existing is None or (row.health, row.cause) != (health, seen.get("cause", ""))
        if row.health != health:
            row.since = now
        row.health, row.cause, row.seen_at = health, seen.get("cause", "")[:500], now
        row.url, row.commit = seen.get("url", "")[:500], seen.get("commit", "")
        row.save()
        return changed
