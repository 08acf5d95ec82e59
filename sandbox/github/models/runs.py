"""Check runs, and the workflow runs and jobs that produce them."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from sandbox.github.models.pulls import Pull
from sandbox.github.models.repositories import Repository


class Workflow(models.Model):
    """A workflow file, recorded at its first run."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="workflows")
    path = models.CharField(max_length=300)
    name = models.CharField(max_length=300)
    state = models.CharField(max_length=30, default="active")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("repository", "path"), name="workflow_path"),)

    def __str__(self) -> str:
        return self.name


class WorkflowRun(models.Model):
    """One run of a workflow; `event` names the webhook event that started it, and `payload` is its content."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="runs")
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="runs")
    number = models.IntegerField()
    attempt = models.IntegerField(default=1)
    event = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    pull = models.ForeignKey(Pull, models.SET_NULL, null=True, related_name="runs")
    head_branch = models.CharField(max_length=250)
    head_sha = models.CharField(max_length=40)
    actor = models.CharField(max_length=100)
    title = models.TextField()
    status = models.CharField(max_length=20, default="queued")
    conclusion = models.CharField(max_length=20, blank=True)
    message = models.TextField(blank=True)
    """Why the workflow file is invalid; normally empty."""
    group = models.CharField(max_length=300, blank=True)
    """Its concurrency group: only one run of a group is in progress at a time."""
    cancelled = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    """Whether it waits for a runner or an approval, so that the CI leaves it alone."""
    broken = models.TextField(blank=True)
    """Printed by its first job before it fails on purpose; normally empty."""
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.workflow} #{self.number}"


class CheckRun(models.Model):
    """A check on a commit: created through the API, or part of a job."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="check_runs")
    name = models.CharField(max_length=300)
    head_sha = models.CharField(max_length=40, db_index=True)
    status = models.CharField(max_length=20, default="queued")
    conclusion = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    details_url = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    annotations = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.name}: {self.conclusion or self.status}"


class Job(CheckRun):
    """A job of a workflow run. Its id is that of its check run, as at GitHub."""

    run = models.ForeignKey(WorkflowRun, models.CASCADE, related_name="jobs")
    attempt = models.IntegerField()
    key = models.CharField(max_length=200)
    position = models.IntegerField()
    steps = models.JSONField(default=list)
    """`{name, number, status, conclusion, started_at, completed_at}`, as GitHub returns them."""
    outputs = models.JSONField(default=dict)
    group = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.run}: {self.name}"

    @property
    def log(self) -> Path:
        """The folder of its logs, one file per step."""
        folder: Path = settings.DATA / "logs" / str(self.pk)
        return folder
