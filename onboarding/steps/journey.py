"""What the steps of an onboarding share: the rows they belong to and the plan they carry out."""

import functools
from dataclasses import dataclass

from catalog.models import Application, Person, Repository, Target, Team
from integrations import providers
from integrations.cluster import Cluster
from integrations.logs import Logs
from integrations.metrics import Metrics
from integrations.pipelines import Pipelines
from integrations.source import Source
from onboarding.content import Content
from onboarding.engine.work import Work
from onboarding.models import Effect, EffectState, Onboarding, Run


@dataclass(frozen=True)
class Journey:
    """Each turn reads its rows anew, and only those that it needs: most turns look at one thing outside and wait on."""

    onboarding: Onboarding

    @functools.cached_property
    def content(self) -> Content:
        return Content.model_validate(self.onboarding.plan.content)

    @property
    def repository(self) -> Repository:
        return self.onboarding.repository

    @property
    def name(self) -> str:
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
        return [rows[one.name] for one in self.content.applications if one.name in rows]


def commits_of(run: Run) -> set[str]:
    """The commits that this run made: a branch that stands at another one has somebody else's work."""
    made = Effect.objects.filter(step__run=run.pk, kind="commit", state=EffectState.MADE)
    return set(made.values_list("reference__sha", flat=True))


def journey(work: Work) -> Journey:
    return Journey(Onboarding.objects.select_related("repository").get(pk=work.run.pk))


def source() -> Source:
    found: Source = providers.provider("source")
    return found


def pipelines() -> Pipelines:
    found: Pipelines = providers.provider("pipelines")
    return found


def cluster() -> Cluster:
    found: Cluster = providers.provider("cluster")
    return found


def metrics() -> Metrics:
    found: Metrics = providers.provider("metrics")
    return found


def logs() -> Logs:
    found: Logs = providers.provider("logs")
    return found
