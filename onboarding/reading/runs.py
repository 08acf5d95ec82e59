"""The page of a run: one sentence on top, then every step with what it waits for, made and said."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone

from catalog.models import Application, Person
from events.models import Event
from onboarding.models import (
    Attempt,
    Blocker,
    BlockerState,
    Effect,
    EffectState,
    Move,
    Onboarding,
    Presence,
    RunState,
    Step,
    StepState,
)
from onboarding.reading import causes, turns, undone, usual, words
from onboarding.reading import steps as step_views
from onboarding.reading.headline import Headline, headline, title
from onboarding.reading.steps import StepView
from onboarding.reading.undone import UndoView
from onboarding.reading.words import Readers

WORKING_POLL = 2
WAITING_POLL = 30
WAITING_POLL_IN_DEMO = 5


@dataclass(frozen=True)
class Resumption:
    """A wait that ended by itself."""

    step: str
    at: datetime
    says: str


@dataclass(frozen=True)
class RunView:
    """What the page of a run needs, at one version of it."""

    onboarding: Onboarding
    version: str
    headline: Headline
    stages: list[list[StepView]]
    done: int
    usual: usual.Range | None
    split: turns.Split
    resumed: list[Resumption]
    applications: list[Application]
    undo: UndoView | None

    @property
    def steps(self) -> list[StepView]:
        return [step for stage in self.stages for step in stage]

    @property
    def active(self) -> bool:
        return self.onboarding.run.state == RunState.ACTIVE

    @property
    def changing(self) -> bool:
        """There will be news."""
        return self.active or (self.undo is not None and self.undo.active)

    @property
    def may_undo(self) -> bool:
        """It has ended unfinished, and what it made was not taken back yet."""
        done = self.undo is not None and self.undo.undo.run.state in (RunState.ACTIVE, RunState.DONE)
        return not self.active and not self.finished and bool(self.made) and not done

    @property
    def finished(self) -> bool:
        return self.onboarding.run.state == RunState.DONE

    @property
    def poll_seconds(self) -> int:
        undone = self.undo.steps if self.undo is not None else []
        statuses = [step.status for step in self.steps] + [step.status for step in undone]
        if any(status.shape == "going" for status in statuses):
            return WORKING_POLL
        return WAITING_POLL_IN_DEMO if settings.ENV.onramp_demo else WAITING_POLL

    @property
    def counted(self) -> bool:
        """The time that Onramp worked is known: not while it works."""
        return self.headline.shape != "going"

    @property
    def made(self) -> list[Effect]:
        """Everything that the run changed outside, or may have."""
        return [effect for step in self.steps for effect in step.effects if effect.state != EffectState.REFUSED]

    @property
    def proof_links(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(application, [(words, address)]) of what proved it."""
        found: dict[str, list[tuple[str, str]]] = {}
        for step in self.steps:
            for label, address in step.step.links if step.step.name == "proof" else []:
                name, _, what = str(label).partition(": ")
                found.setdefault(name, []).append((words.capitalised(what or "Link"), str(address)))
        return list(found.items())


def version(run_id: uuid.UUID) -> str:
    """Changes with everything that the page shows: the run, its causes, the next looks, a worker that was lost."""
    lost = Q(state=StepState.RUNNING, lease_until__lt=Now())
    looks = Q(state=StepState.WAITING) & ~Q(move=Move.MACHINE)
    found = Step.objects.filter(run=run_id).aggregate(
        run=Max("run__version"),
        lost=Count("pk", filter=lost),
        causes=Sum("blocker__run__version"),
        watch=Max("blocker__run__steps__due_at"),
        look=Max("due_at", filter=looks),
    )
    queue = Blocker.objects.filter(state=BlockerState.OPEN, owner=Move.PLATFORM).count() if found["causes"] else 0
    moments = [int(found[name].timestamp()) if found[name] else 0 for name in ("watch", "look")]
    return "-".join(str(one) for one in (found["run"] or 0, found["lost"], found["causes"] or 0, queue, *moments))


def of(onboarding: Onboarding, person: Person) -> RunView:
    """The run as this person reads it."""
    token = version(onboarding.pk)  # read first: a change meanwhile is shown twice rather than never
    onboarding.run.refresh_from_db()
    steps = list(onboarding.run.steps.prefetch_related("attempts", "effects"))
    reader = Readers(person).of(onboarding.team, onboarding.person_id)
    found = causes.of_steps(steps)
    events = turns.of_run(onboarding.run)
    views = step_views.views(onboarding, steps, reader, found)
    return RunView(
        onboarding=onboarding,
        version=token,
        headline=headline(onboarding, steps, reader),
        stages=step_views.stages(views),
        done=sum(step.state == StepState.DONE for step in steps),
        usual=usual.whole_run(),
        split=turns.split(onboarding.run, steps, events, timezone.now()),
        resumed=[_resumption(onboarding, event) for event in events if event.type == "onramp.step.resumed"],
        undo=undone.of(onboarding, reader),
        applications=list(
            Application.objects.held_by(onboarding.repository).select_related("team", "target").order_by("name")
        ),
    )


def watched(onboarding: Onboarding, person: Person) -> None:
    """Somebody's page asked for news just now: no need to write to them."""
    Presence.objects.update_or_create(run=onboarding.run, person=person, defaults={"seen_at": Now()})


def _resumption(onboarding: Onboarding, event: Event) -> Resumption:
    step = Step(run=onboarding.run, name=str(event.data.get("step", "")))
    says = str(event.data.get("says", "")).partition(": ")
    return Resumption(title(onboarding.run, step), event.time, says[2] or says[0])


def attempt(onboarding: Onboarding, attempt_id: int) -> Attempt:
    """Raises Attempt.DoesNotExist."""
    return Attempt.objects.select_related("step").get(pk=attempt_id, step__run=onboarding.run)
