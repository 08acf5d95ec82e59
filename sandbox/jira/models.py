"""Issues as JIRA Data Center keeps them: what its REST API needs, and nothing of its administration."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Max, Q
from django.utils import timezone


class Project(models.Model):
    key = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    issues_made = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.key

    def next_key(self) -> str:
        """The key of the next issue; numbers are never given twice."""
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
    resolved = models.DateTimeField(null=True)
    reporter = models.CharField(max_length=60)
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(default=timezone.now)
    indexed_at = models.DateTimeField(default=timezone.now)
    """The search does not find it before."""

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.key

    def touch(self) -> None:
        self.updated = timezone.now()
        self.save()


class FormerKey(models.Model):
    """The key an issue had before it was moved: still an address of it."""

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
    """The search index: one row. `lag_seconds` is how long a new issue stays unfound."""

    lag_seconds = models.FloatField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(name="one_index", condition=Q(id=1)),)

    def __str__(self) -> str:
        return f"{self.lag_seconds} s behind"


def index_lag() -> timedelta:
    return timedelta(seconds=Index.objects.aggregate(lag=Max("lag_seconds"))["lag"] or 0)
