"""Who there is and what they run: organisations, teams, people, repositories, targets, applications."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone


class Organisation(models.Model):
    """One company of the group: its teams, its golden path, its platform team with its JIRA project."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    issues_project = models.CharField(max_length=20, help_text="key of the platform team's project")
    golden_path = models.JSONField(default=dict, help_text="capability → the providers offered, the default first")

    def __str__(self) -> str:
        return self.name


class TeamQuerySet(models.QuerySet["Team"]):
    def of(self, person: "Person") -> "TeamQuerySet":
        """The teams this person is on; all of the organisation for its platform team."""
        mine = self.filter(memberships__login=person.username)
        governed = mine.filter(is_platform=True).values("organisation")
        return self.filter(models.Q(pk__in=mine.values("pk")) | models.Q(organisation__in=governed)).distinct()


class Team(models.Model):
    """Owns applications; has one private namespace per target."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="teams")
    slug = models.SlugField()
    name = models.CharField(max_length=120)
    is_platform = models.BooleanField(default=False, help_text="offers the golden path and works off the queue")
    sso_group = models.CharField(max_length=200, blank=True, help_text="bound to the tenant's role in its namespaces")
    channel = models.CharField(max_length=120, blank=True, help_text="chat channel of the whole team")

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "slug"], name="one_team_per_slug")]
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A login at the source host is on a team. Somebody may be on a team before ever signing in."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    login = models.CharField(max_length=100, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "login"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.login} on {self.team}"


class Person(AbstractUser):
    """Somebody who signed in; `username` is the login at the source host."""

    @property
    def is_platform(self) -> bool:
        return Membership.objects.filter(login=self.username, team__is_platform=True).exists()


class ApiToken(models.Model):
    """A bearer token of the API: only its hash is kept, and it ends."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    writes = models.BooleanField(default=True, help_text="may start, retry and cancel; otherwise only reads")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} of {self.person}"

    @staticmethod
    def digest_of(value: str) -> str:
        return hashlib.sha256(value.encode()).hexdigest()

    @classmethod
    def issue(cls, person: Person, name: str, *, days: int = 90, writes: bool = True) -> tuple["ApiToken", str]:
        """A new token and its value, which is shown this once."""
        value = f"onramp_{secrets.token_urlsafe(32)}"
        row = cls.objects.create(
            person=person,
            name=name,
            digest=cls.digest_of(value),
            writes=writes,
            expires_at=timezone.now() + timedelta(days=days),
        )
        return row, value

    @classmethod
    def find(cls, value: str) -> "ApiToken | None":
        """The living token with this value whose person may still sign in."""
        return (
            cls.objects.select_related("person")
            .filter(digest=cls.digest_of(value), expires_at__gt=timezone.now(), person__is_active=True)
            .first()
        )


class RepositoryQuerySet(models.QuerySet["Repository"]):
    def visible_to(self, person: Person) -> "RepositoryQuerySet":
        return self.filter(team__in=Team.objects.of(person))


class Repository(models.Model):
    """A git repository at a source host, and the team that answers for it."""

    host = models.CharField(max_length=200, help_text="web address of the source host, without a trailing slash")
    owner = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="repositories")
    default_branch = models.CharField(max_length=255, blank=True)
    private = models.BooleanField(default=False)

    objects = RepositoryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "owner", "name"], name="one_repository")]
        verbose_name_plural = "repositories"

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def url(self) -> str:
        return f"{self.host}/{self.owner}/{self.name}"

    @property
    def topic(self) -> str:
        """What wakes the runs that wait for something of this repository."""
        return f"source:{self.full_name.lower()}"


class Target(models.Model):
    """Where applications run: organisation × environment × region, on one cluster."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="targets")
    environment = models.SlugField(default="production")
    region = models.SlugField(default="local")
    cluster_url = models.CharField(max_length=300, help_text="the API server as the pipeline reaches it")
    cluster_ca = models.TextField(blank=True, help_text="its certificate authority (PEM), where it is not public")
    address = models.CharField(
        max_length=300, help_text="address of an application, with {application} and {namespace}"
    )
    allowance_namespace = models.CharField(max_length=63, default="onramp-allowances")
    oidc_audience = models.CharField(max_length=100, default="onramp-cluster")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "environment", "region"], name="one_target")]

    def __str__(self) -> str:
        return f"{self.environment}/{self.region}"

    def namespace_of(self, team: Team) -> str:
        """The team's private namespace here."""
        return team.slug if self.environment == "production" else f"{team.slug}-{self.environment}"

    def address_of(self, application: str, team: Team) -> str:
        return self.address.format(application=application, namespace=self.namespace_of(team))


class Health(models.TextChoices):
    """One axis of an application's state. Unknown is said, never guessed."""

    GOOD = "good", "Good"
    BAD = "bad", "Broken"
    BUSY = "busy", "In progress"
    UNKNOWN = "unknown", "Unknown"


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, person: Person) -> "ApplicationQuerySet":
        return self.filter(team__in=Team.objects.of(person))

    def held(self, team: Team, target: Target) -> "ApplicationQuerySet":
        """Those that use the team's room on this target, or wait for it."""
        return self.filter(team=team, target=target, removed_at__isnull=True)

    def held_by(self, repository: Repository) -> "ApplicationQuerySet":
        return self.filter(repository=repository, removed_at__isnull=True)

    def granted(self) -> "ApplicationQuerySet":
        return self.filter(granted_at__isnull=False)

    def waiting(self) -> "ApplicationQuerySet":
        return self.filter(granted_at__isnull=True)


class Application(models.Model):
    """A component once a team runs it through Onramp."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="applications")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="applications")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="applications")
    name = models.CharField(max_length=63)
    root = models.CharField(max_length=300, blank=True)
    demand = models.JSONField(default=dict, help_text="what it asks of the namespace's quota, as quantities")
    address = models.CharField(max_length=300, blank=True)
    health_path = models.CharField(max_length=200, default="/", help_text="what its address is asked for")
    own_metrics = models.BooleanField(default=False, help_text="exposes series of its own")
    granted_at = models.DateTimeField(null=True, blank=True, help_text="since when the team's quota has room for it")
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

    @property
    def namespace(self) -> str:
        return self.target.namespace_of(self.team)


class Axis(models.TextChoices):
    BUILD = "build", "Build"
    DELIVERY = "delivery", "Delivery"
    RUNTIME = "runtime", "Runtime"


class Status(models.Model):
    """What was last seen of one axis of an application, when, and what decided."""

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
        """Store what was seen; True where the health or its cause is another than before."""
        now = timezone.now()
        seen_before = cls.objects.select_for_update().filter(application=application, axis=axis).first()
        row = seen_before or cls(application=application, axis=axis)
        changed = seen_before is None or (row.health, row.cause) != (health, seen.get("cause", ""))
        if row.health != health:
            row.since = now
        row.health, row.cause, row.seen_at = health, seen.get("cause", "")[:500], now
        row.url, row.commit = seen.get("url", "")[:500], seen.get("commit", "")
        row.save()
        return changed
