"""Organisations, teams and people."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Upper

import patterns

MAX_LABEL = 63
"""Characters of a namespace's name and of a label's value. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"""

_SEPARATORS = patterns.repeated(r"[^a-z0-9]{1,1000}")


class Organisation(models.Model):
    """One company of the group: its teams, and its platform team with its issue project."""

    slug = models.SlugField(unique=True, help_text="its name at the source host, too")
    name = models.CharField(max_length=120)
    issues_project = models.CharField(max_length=20, help_text="key of the platform team's project")

    def __str__(self) -> str:
        return self.name


class TeamQuerySet(models.QuerySet["Team"]):
    def of(self, person: "Person") -> "TeamQuerySet":
        """The teams this person is on; for members of a platform team, all of the organisation."""
        mine = self.with_member(person)
        governed = mine.filter(is_platform=True).values("organisation")
        return self.filter(models.Q(pk__in=mine.values("pk")) | models.Q(organisation__in=governed)).distinct()

    def with_member(self, person: "Person") -> "TeamQuerySet":
        """The teams that have this person as a member."""
        return self.filter(pk__in=Membership.objects.of(person).values("team"))


def team_key(organisation: str, slug: str) -> str:
    """The name of a team that is unique on clusters that several organisations share: both slugs, as a DNS label."""
    return _SEPARATORS.sub("-", f"{organisation}-{slug}".lower()).strip("-")


class Team(models.Model):
    """Owns applications; has one private namespace per target.

    `key` names it on clusters, where teams of several organisations meet: in its namespaces, their labels and its allowance. It
    stays when the team gets another slug. A team of the source host is known by the host's id.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="teams")
    slug = models.SlugField()
    external_id = models.CharField(
        max_length=40, blank=True, help_text="the source host's id of it; empty where only a file has it"
    )
    key = models.CharField(max_length=MAX_LABEL, unique=True, editable=False)
    name = models.CharField(max_length=120)
    is_platform = models.BooleanField(default=False, help_text="offers the golden path and works on the queue")
    sso_group = models.CharField(max_length=200, blank=True, help_text="bound to the tenant's role in its namespaces")
    channel = models.CharField(max_length=120, blank=True, help_text="chat channel of the whole team")

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="one_team_per_slug"),
            models.UniqueConstraint(
                fields=["organisation", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_team_per_external_id",
            ),
        ]
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = self.key or team_key(self.organisation.slug, self.slug)
        super().save(*args, **kwargs)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def named(self, login: str) -> "MembershipQuerySet":
        """Those of a login, of any account; the source host ignores case."""
        return self.filter(login__iexact=login)

    def of_account(self, login: str, account: str) -> "MembershipQuerySet":
        """Those of a login that mean this account, or none in particular."""
        return self.named(login).filter(account_id__in=("", account))

    def of(self, person: "Person") -> "MembershipQuerySet":
        """All rights depend on these."""
        return self.of_account(person.username, person.account_id)

    def pin(self, login: str, account: str) -> None:
        """From here on, a membership that names only the login means the account that has it now."""
        self.named(login).filter(account_id="").update(account_id=account)

    def account_of(self, login: str) -> str:
        """The account that the source host says has this login; empty if it has not said."""
        row = self.named(login).exclude(account_id="").order_by("-pk").first()
        return row.account_id if row else ""


class Membership(models.Model):
    """A login at the source host is on a team. People can be on a team before they first sign in.

    A login can change hands at the source host; `account_id` is whose it was when the membership was imported, or when it was
    first used.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    login = models.CharField(max_length=100, db_index=True)
    account_id = models.CharField(
        max_length=40, blank=True, help_text="the source host's id of the account; empty where a file named the login"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "login"], name="one_membership")]
        indexes = [models.Index(Upper("login"), name="membership_by_login")]

    def __str__(self) -> str:
        return f"{self.login} on {self.team}"


class Person(AbstractUser):
    """A person who signed in; `username` is the login at the source host, `account_id` the host's id of the account."""

    account_id = models.CharField(max_length=40, blank=True, help_text="empty until the first sign-in")

    @property
    def is_platform(self) -> bool:
        return Membership.objects.of(self).filter(team__is_platform=True).exists()

    def speaks_for(self, team: Team) -> bool:
        """Whether this person is on the team now, or on the platform team of its organisation."""
        return Team.objects.of(self).filter(pk=team.pk).exists()
