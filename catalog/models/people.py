"""Organisations, teams and people."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Organisation(models.Model):
    """One company of the group: its teams, and its platform team with its issue project."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    issues_project = models.CharField(max_length=20, help_text="key of the platform team's project")

    def __str__(self) -> str:
        return self.name


class TeamQuerySet(models.QuerySet["Team"]):
    def of(self, person: "Person") -> "TeamQuerySet":
        """The teams this person is on; for members of a platform team, all of the organisation."""
        mine = self.filter(memberships__login=person.username)
        governed = mine.filter(is_platform=True).values("organisation")
        return self.filter(models.Q(pk__in=mine.values("pk")) | models.Q(organisation__in=governed)).distinct()


class Team(models.Model):
    """Owns applications; has one private namespace per target."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="teams")
    slug = models.SlugField()
    name = models.CharField(max_length=120)
    is_platform = models.BooleanField(default=False, help_text="offers the golden path and works on the queue")
    sso_group = models.CharField(max_length=200, blank=True, help_text="bound to the tenant's role in its namespaces")
    channel = models.CharField(max_length=120, blank=True, help_text="chat channel of the whole team")

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "slug"], name="one_team_per_slug")]
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A login at the source host is on a team. People can be on a team before they first sign in."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    login = models.CharField(max_length=100, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "login"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.login} on {self.team}"


class Person(AbstractUser):
    """A person who signed in; `username` is the login at the source host."""

    @property
    def is_platform(self) -> bool:
        return Membership.objects.filter(login=self.username, team__is_platform=True).exists()
