"""The watch over what a repository's applications do once they are onboarded."""

from django.db import models

from catalog.models import Application, Repository
from engine.models import Run


class Watch(models.Model):
    """The watch over the applications of one repository, from their onboarding on."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="watch")
    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="watch")

    def __str__(self) -> str:
        return f"watch over {self.repository}"

    @property
    def applications(self) -> models.QuerySet[Application]:
        return self.repository.applications.filter(removed_at__isnull=True)
