"""A plan, and the edits that people made to what was read."""

import uuid

from django.db import models
from django.db.models import Q

from catalog.models import Person, Repository, Target, Team


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, person: Person) -> "PlanQuerySet":
        """Plans that this person created, and those of the teams they may see."""
        return self.filter(Q(person=person) | Q(team__in=Team.objects.of(person)))


class Plan(models.Model):
    """Everything an onboarding would change, worked out by reading only. Never changed once created."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="plans")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="plans")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(Target, null=True, on_delete=models.CASCADE, related_name="+")
    head = models.CharField(max_length=40, help_text="the commit that was read")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content, in hexadecimal")
    content = models.JSONField(help_text="see onboarding.plans.content.Content")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlanQuerySet.as_manager()

    def __str__(self) -> str:
        return f"plan {self.digest[:8]} of {self.repository}"


class SavedCorrections(models.Model):
    """People's edits to a repository's components, for every later plan."""

    repository = models.OneToOneField(
        Repository, on_delete=models.CASCADE, primary_key=True, related_name="saved_corrections"
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    corrections = models.JSONField()
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"corrections of {self.repository}"
