"""An onboarding, its undo, who is watching its page, and the keys of requests that started it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from catalog.models import Person, Repository, Team
from engine.models import Run
from onboarding.models.plan import Plan


class OnboardingQuerySet(models.QuerySet["Onboarding"]):
    def visible_to(self, person: Person) -> "OnboardingQuerySet":
        """Those that this person started, and those of the teams they may see.

        The teams are read first: only with their ids the planner knows whether this is nearly all or nearly nothing.
        """
        return self.filter(Q(person=person) | Q(team__in=list(Team.objects.of(person).values_list("pk", flat=True))))

    def with_rows(self) -> "OnboardingQuerySet":
        """Together with the rows that every page and answer needs."""
        return self.select_related("run", "plan", "repository", "team", "person")


class Onboarding(models.Model):
    """One run of a plan."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="onboarding")
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="onboardings")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="onboardings")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="onboardings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="onboardings")
    active = models.BooleanField(default=True, help_text="its run has not ended")
    agreed_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="who let it into the team's namespace"
    )

    objects = OnboardingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repository"], condition=models.Q(active=True), name="one_active_onboarding"
            )
        ]

    def __str__(self) -> str:
        return f"onboarding of {self.repository}"

    @property
    def is_agreed(self) -> bool:
        """Whether somebody who speaks for the team now let this run into its namespace; who started it, if on the team."""
        return self.team is not None and self.agreed_by is not None and self.agreed_by.speaks_for(self.team)

    @property
    def is_admitted(self) -> bool:
        """Whether this run can touch its team's namespace now: agreed, and its repository still belongs to the team. Asks the
        database, as `repository` may have been read before."""
        return self.is_agreed and Repository.objects.filter(pk=self.repository_id, team=self.team_id).exists()


class Undo(models.Model):
    """Undoing what an ended onboarding created outside."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="undo")
    onboarding = models.ForeignKey(Onboarding, on_delete=models.CASCADE, related_name="undos")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True, help_text="its run has not ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["onboarding"], condition=models.Q(active=True), name="one_active_undo")
        ]

    def __str__(self) -> str:
        return f"undo of {self.onboarding_id}"


class IdempotencyKey(models.Model):
    """The answer to a POST that a caller may repeat: the same key means the same onboarding."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    onboarding = models.ForeignKey(Onboarding, on_delete=models.CASCADE, related_name="+")
    request_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return self.key


class Presence(models.Model):
    """A person's page of a run polled just now: no need to write to them."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "person"], name="one_presence")]

    def __str__(self) -> str:
        return f"{self.person} at {self.run_id}"
