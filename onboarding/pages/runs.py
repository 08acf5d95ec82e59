"""The page of a run: one sentence on top, then every step with what it waits for, created and logged."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from catalog.models import Application, Person
from engine.models import Effect, EffectState, RunState, Step, StepState
from events.models import Event
from onboarding.models import Onboarding
from onboarding.pages import blockers, durations, time_spent, undo, versions, wording
from onboarding.pages import steps as step_views
from onboarding.pages.headline import Headline, headline, title
from onboarding.pages.steps import StepView
from onboarding.pages.undo import UndoView
from onboarding.pages.wording import Readers
from onboarding.steps.results import VerificationResult

WORKING_POLL = 2
WAITING_POLL = 30
WAITING_POLL_IN_DEMO = 5


@dataclass(frozen=True)
class Resumption:
    """A wait that ended automatically."""

    step: str
    at: datetime
    message: str


@dataclass(frozen=True)
class RunView:
    """What the page of a run needs, at one version of it."""

    onboarding: Onboarding
    version: str
    headline: Headline
    stages: list[list[StepView]]
    done: int
    usual: durations.Range | None
    split: time_spent.Split
    resumed: list[Resumption]
    applications: list[Application]
    undo: UndoView | None
    sees_team: bool
    """Whether the reader can open the team's page."""

    @property
    def steps(self) -> list[StepView]:
        return [step for stage in self.stages for step in stage]

    @property
    def active(self) -> bool:
        return self.onboarding.run.state == RunState.ACTIVE

    @property
    def changing(self) -> bool:
        """Whether the page will change."""
        return self.active or (self.undo is not None and self.undo.active)

    @property
    def can_undo(self) -> bool:
        """It ended unfinished, and its effects have not been undone."""
        undone = self.undo is not None and self.undo.undo.run.state in (RunState.ACTIVE, RunState.DONE)
        return not self.active and not self.finished and bool(self.created) and not undone

    @property
    def finished(self) -> bool:
        return self.onboarding.run.state == RunState.DONE

    @property
    def poll_seconds(self) -> int:
        undo_steps = self.undo.steps if self.undo is not None else []
        statuses = [step.status for step in self.steps] + [step.status for step in undo_steps]
        if any(status.icon == "going" for status in statuses):
            return WORKING_POLL
        return WAITING_POLL_IN_DEMO if settings.ENV.onramp_demo else WAITING_POLL

    @property
    def time_is_known(self) -> bool:
        """Whether the time that Onramp worked is known: not while it works, nor once its events may have been removed."""
        return self.headline.icon != "going" and time_spent.is_kept(self.onboarding.run)

    @property
    def removed_after(self) -> int:
        """The days after which its logs were removed; 0 while they are kept."""
        days, ended_at = settings.ENV.portal_keep_logs_days, self.onboarding.run.ended_at
        return round(days) if ended_at is not None and timezone.now() - ended_at > timedelta(days=days) else 0

    @property
    def created(self) -> list[Effect]:
        """Everything that the run changed outside, or may have."""
        return [effect for step in self.steps for effect in step.effects if effect.state != EffectState.REFUSED]

    @property
    def verified_links(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(application, [(label, URL)]) of what verified it."""
        links: dict[str, list[tuple[str, str]]] = {}
        for view in self.steps:
            for label, url in view.step.links if view.step.name == VerificationResult.step else []:
                name, _, kind = str(label).partition(": ")
                links.setdefault(name, []).append((wording.capitalise(kind or "Link"), str(url)))
        return list(links.items())


def of(onboarding: Onboarding, person: Person) -> RunView:
    """The run as this person reads it."""
    version = versions.of_run(onboarding.pk)  # read first: a change meanwhile is shown twice rather than never
    onboarding.run.refresh_from_db()
    steps = list(onboarding.run.steps.prefetch_related("attempts", "effects"))
    reader = replace(Readers(person).of_run(onboarding), agreed=onboarding.is_agreed)
    events = time_spent.events_of(onboarding.run)
    views = step_views.views(onboarding, steps, reader, blockers.of_steps(steps))
    applications = Application.objects.held_by(onboarding.repository).select_related("team", "target")
    return RunView(
        onboarding=onboarding,
        version=version,
        headline=headline(onboarding, steps, reader),
        stages=step_views.stages(views),
        done=sum(step.state == StepState.DONE for step in steps),
        usual=durations.whole_run(),
        split=time_spent.split(onboarding.run, steps, events, timezone.now()),
        resumed=[_resumption(onboarding, event) for event in events if event.type == "onramp.step.resumed"],
        undo=undo.of(onboarding, reader),
        applications=list(applications.order_by("name")),
        sees_team=reader.speaks_for_team,
    )


def _resumption(onboarding: Onboarding, event: Event) -> Resumption:
    step = Step(run=onboarding.run, name=str(event.data.get("step", "")))
    prefix, _, message = str(event.data.get("message", "")).partition(": ")
    return Resumption(title(onboarding.run, step), event.time, message or prefix)
