"""What a step of an onboarding works on: its rows and the plan it carries out."""

import functools
from dataclasses import dataclass

from catalog.models import Application, Person, Repository, Target, Team
from engine.context import Work
from engine.models import Effect, EffectState, Run
from onboarding.models import EffectKind, Onboarding
from onboarding.plans.content import Content


@dataclass(frozen=True)
class Subject:
    """Reads its rows on demand: most executions check one thing outside and wait on."""

    onboarding: Onboarding

    @functools.cached_property
    def content(self) -> Content:
        return Content.model_validate(self.onboarding.plan.content)

    @property
    def repository(self) -> Repository:
        return self.onboarding.repository

    @property
    def name(self) -> str:
        """The repository's `owner/name`."""
        return self.repository.full_name

    @property
    def person(self) -> Person:
        return self.onboarding.person

    @property
    def team(self) -> Team:
        """Every plan that can be started has a team."""
        assert self.onboarding.team is not None
        return self.onboarding.team

    @property
    def target(self) -> Target:
        assert self.onboarding.plan.target is not None
        return self.onboarding.plan.target

    @functools.cached_property
    def applications(self) -> list[Application]:
        """The rows of this plan's components, in the plan's order."""
        held = Application.objects.held(self.team, self.target).filter(repository=self.repository)
        rows = {row.name: row for row in held.select_related("team", "target", "repository")}
        return [rows[application.name] for application in self.content.applications if application.name in rows]


def subject_of(work: Work) -> Subject:
    return Subject(Onboarding.objects.select_related("repository", "team", "plan__target").get(pk=work.run.pk))


def commits_of(run: Run) -> set[str]:
    """The commits that this run created: a branch at any other commit has somebody else's work."""
    created = Effect.objects.filter(step__run=run.pk, kind=EffectKind.COMMIT, state=EffectState.MADE)
    return set(created.values_list("reference__sha", flat=True))
