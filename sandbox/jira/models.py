"""Issues as JIRA Data Center stores them: the data behind its REST API, without any administration."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Max, Q
from django.utils import timezone

FIRST_ID = 10_000
"""JIRA's ids are the rows' ids counted from here."""


class Project(models.Model):
    key = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    issues_made = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.key

    def next_key(self) -> str:
        """The key of the next issue. A number is never reused."""
        Project.objects.filter(id=self.id).update(issues_made=F("issues_made") + 1)
        self.refresh_from_db(fields=["issues_made"])
        return f"{self.key}-{self.issues_made}"


class Issue(models.Model):
    class Status(models.TextChoices):
        TO_DO = "To Do"
        IN_PROGRESS = "In Progress"
        DONE = "Done"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="issues")
    key = models.CharField(max_length=20, unique=True)
    type = models.CharField(max_length=40, default="Task")
    summary = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    labels = models.JSONField(default=list)
    properties = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.TO_DO)
    resolution = models.CharField(max_length=40, blank=True)
    hidden = models.BooleanField(default=False)
    """Its security level hides it from everybody but the platform team."""
    resolved = models.DateTimeField(null=True)
    reporter = models.CharField(max_length=60)
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(default=timezone.now)
    indexed_at = models.DateTimeField(default=timezone.now)
    """The search does not find the issue before this time."""

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.key

    @property
    def jira_id(self) -> str:
        return str(FIRST_ID + self.id)

    def touch(self) -> None:
        self.updated = timezone.now()
        self.save()


class FormerKey(models.Model):
    """A key that an issue had before it was moved. It still leads to the issue."""

    key = models.CharField(max_length=20, unique=True)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="former_keys")

    def __str__(self) -> str:
        return self.key


class Comment(models.Model):
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="comments")
    author = models.CharField(max_length=60)
    body = models.TextField()
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.body[:40]


class RemoteLink(models.Model):
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="remote_links")
    global_id = models.CharField(max_length=255, blank=True)
    url = models.TextField()
    title = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.title


class Webhook(models.Model):
    name = models.CharField(max_length=100)
    url = models.TextField()
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return self.name


class Index(models.Model):
    """The search index, a single row. `lag_seconds` is the time until the search finds a new issue."""

    lag_seconds = models.FloatField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(name="one_index", condition=Q(id=1)),)

    def __str__(self) -> str:
        return f"{self.lag_seconds} s behind"


def index_lag() -> timedelta:
    return timedelta(seconds=Index.objects.aggregate(lag=Max("lag_seconds"))["lag"] or 0)
