"""Pull requests and their reviews."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from sandbox.github.models.repositories import Repository


class Pull(models.Model):
    """A pull request between two branches of one repository."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="pulls")
    number = models.IntegerField()
    title = models.TextField()
    body = models.TextField(null=True)  # noqa: DJ001 - GitHub distinguishes an empty body from a missing one
    author = models.CharField(max_length=100)
    head = models.CharField(max_length=250)
    base = models.CharField(max_length=250)
    head_sha = models.CharField(max_length=40)
    base_sha = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    closed_at = models.DateTimeField(null=True)
    merged_at = models.DateTimeField(null=True)
    merged_by = models.CharField(max_length=100, blank=True)
    merge_commit = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("repository", "number"), name="pull_number"),
            models.UniqueConstraint(
                fields=("repository", "head", "base"), condition=Q(closed_at__isnull=True), name="pull_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"

    @property
    def state(self) -> str:
        return "closed" if self.closed_at else "open"


class Review(models.Model):
    """A review of a pull request's commit: APPROVED, CHANGES_REQUESTED or COMMENTED."""

    pull = models.ForeignKey(Pull, models.CASCADE, related_name="reviews")
    author = models.CharField(max_length=100)
    state = models.CharField(max_length=20)
    body = models.TextField(blank=True)
    commit = models.CharField(max_length=40)
    submitted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.author}: {self.state}"
