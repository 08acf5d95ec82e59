"""Repositories, and the targets that their applications run on."""

from django.db import models
from django.db.models import Q

from catalog.models.people import Organisation, Team


class RepositoryQuerySet(models.QuerySet["Repository"]):
    def named(self, host: str, owner: str, name: str) -> "RepositoryQuerySet":
        """The one that has this name now; hosts ignore case."""
        return self.filter(host=host, owner__iexact=owner, name__iexact=name, name_lost_at=None)


class Ownership(models.TextChoices):
    """Who said which team owns a repository. Nothing that the repository itself contains is among them."""

    CATALOG = "catalog", "the catalog"
    SOURCE = "source", "the team permissions at the source host"
    AGREEMENT = "agreement", "a member of the team or its platform team"


class Repository(models.Model):
    """A git repository at a source host, and the team that owns it.

    Known by the host's id: names change, and a name can be taken by another repository. A row that nobody has looked at yet has
    only a name.
    """

    host = models.CharField(max_length=200, help_text="web address of the source host, without a trailing slash")
    external_id = models.CharField(
        max_length=40, blank=True, help_text="the host's id of it; empty until it is looked at"
    )
    owner = models.CharField(max_length=100)
    owner_external_id = models.CharField(
        max_length=40, blank=True, help_text="the host's id of its owner; empty until it is looked at"
    )
    name = models.CharField(max_length=100)
    name_lost_at = models.DateTimeField(
        null=True, blank=True, help_text="when another repository was found to have its name"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="repositories")
    ownership = models.CharField(max_length=10, blank=True, choices=Ownership.choices, help_text="who said so")
    default_branch = models.CharField(max_length=255, blank=True)
    private = models.BooleanField(default=False)

    objects = RepositoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host", "owner", "name"], condition=Q(name_lost_at=None), name="one_repository_per_name"
            ),
            models.UniqueConstraint(
                fields=["host", "external_id"], condition=~Q(external_id=""), name="one_repository_per_id"
            ),
        ]
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
        """The topic that wakes the runs of this repository."""
        return f"source:{self.external_id}"


PRODUCTION = "production"
"""The environment whose namespaces have no suffix."""


class Target(models.Model):
    """Where applications run: organisation × environment × region, on one cluster."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="targets")
    environment = models.SlugField(default=PRODUCTION)
    region = models.SlugField(default="local")
    cluster_url = models.CharField(max_length=300, help_text="the API server as the pipeline reaches it")
    cluster_ca = models.TextField(blank=True, help_text="its certificate authority (PEM), where it is not public")
    address = models.CharField(
        max_length=300, help_text="address of an application, with {application} and {namespace}"
    )
    allowance_namespace = models.CharField(max_length=63, default="onramp-allowances")
    oidc_audience = models.CharField(max_length=100, default="onramp-cluster")
    egress = models.JSONField(
        default=list, blank=True, help_text="what applications may reach besides the internet: [{cidr, ports}]"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "environment", "region"], name="one_target")]

    def __str__(self) -> str:
        return f"{self.environment}/{self.region}"

    def namespace_of(self, team: Team) -> str:
        """The team's private namespace here."""
        return team.key if self.environment == PRODUCTION else f"{team.key}-{self.environment}"
