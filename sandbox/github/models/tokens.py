"""Tokens that are issued at run time, unlike the constant ones of the cast."""

from django.db import models
from django.utils import timezone

from sandbox.github.models.runs import Job


class OAuthCode(models.Model):
    """The code that the browser carries back after "Authorize". It can be used once, within ten minutes."""

    code = models.CharField(max_length=60, unique=True)
    login = models.CharField(max_length=100)
    client = models.CharField(max_length=100)
    redirect_uri = models.TextField()
    scope = models.TextField(blank=True)
    challenge = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"for {self.login}"


class JobToken(models.Model):
    """The GITHUB_TOKEN of a job, valid until the job ends."""

    token = models.CharField(max_length=60, unique=True)
    job = models.OneToOneField(Job, models.CASCADE, related_name="token")
    permissions = models.JSONField(default=dict)
    """`{"contents": "read", …}`; scopes that are not listed are not allowed."""

    def __str__(self) -> str:
        return f"for {self.job}"

    def allows(self, scope: str, level: str = "read") -> bool:
        return self.permissions.get(scope) in ({"read", "write"} if level == "read" else {"write"})
