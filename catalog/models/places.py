"""Repositories, and the targets that their applications run on."""

from django.db import models

from catalog.models.people import Organisation, Team


class Repository(models.Model):
    """A git repository at a source host, and the team that owns it."""

    host = models.CharField(max_length=200, help_text="web address of the source host, without a trailing slash")
    owner = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="repositories")
    default_branch = models.CharField(max_length=255, blank=True)
    private = models.BooleanField(default=False)

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
        """The topic that wakes the runs of this repository."""
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
