"""Blockers as people read them: on the run's page and in the platform's queue."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from catalog.models import Organisation, Person, Team
from engine.models import Move, Step, StepState
from onboarding.blockers import causes
from onboarding.models import Blocker, BlockerState, TicketComment
from onboarding.pages import durations

MAX_RECENT = 10


@dataclass(frozen=True)
class BlockedRun:
    """A run that waits for a blocker, and for how long."""

    id: uuid.UUID
    repository: str
    team: str
    person: str
    step: str
    since: datetime
    waited: timedelta


@dataclass(frozen=True)
class BlockerView:
    """An open blocker with everything that people want to know while they wait. `place` is its place in the queue."""

    blocker: Blocker
    runs: list[BlockedRun]
    comments: list[TicketComment]
    last_check: str
    next_check: datetime | None
    place: int | None
    usual: durations.Range | None

    @property
    def title(self) -> str:
        return causes.title(self.blocker.kind)

    @property
    def people(self) -> list[str]:
        return sorted({run.person for run in self.runs})

    @property
    def waited(self) -> timedelta:
        """The sum of the time that its runs have waited."""
        return sum((run.waited for run in self.runs), timedelta())

    @property
    def has_ticket(self) -> bool:
        return self.blocker.owner == Move.PLATFORM


def governed(person: Person) -> QuerySet[Blocker]:
    """The blockers of this person's platform team; those of no organisation belong to every platform team."""
    organisations = Organisation.objects.filter(teams__in=Team.objects.with_member(person).filter(is_platform=True))
    theirs = Q(organisation__in=organisations) | Q(organisation=None)
    return Blocker.objects.filter(theirs, owner=Move.PLATFORM)


def queue(person: Person) -> list[BlockerView]:
    """Every open blocker, oldest first."""
    rows = _with_rows(governed(person).filter(state=BlockerState.OPEN))
    return [_view(row, place=place, usual=None) for place, row in enumerate(rows, start=1)]


def of_steps(steps: Iterable[Step]) -> dict[uuid.UUID, BlockerView]:
    """The blockers that these steps wait for, by their id."""
    wanted = {step.blocked_by_id for step in steps if step.blocked_by_id}
    if not wanted:
        return {}
    rows = _with_rows(Blocker.objects.filter(pk__in=wanted))
    return {row.pk: _view(row, place=_place(row), usual=durations.to_clear(row.kind)) for row in rows}


def closed_recently(person: Person) -> list[Blocker]:
    closed = governed(person).exclude(state=BlockerState.OPEN).order_by("-closed_at")
    return list(closed.select_related("organisation", "team")[:MAX_RECENT])


def _with_rows(rows: QuerySet[Blocker]) -> QuerySet[Blocker]:
    blocked = Step.objects.filter(state=StepState.BLOCKED, run__onboarding__isnull=False).select_related(
        "run__onboarding__repository", "run__onboarding__team", "run__onboarding__person"
    )
    return (
        rows.select_related("organisation", "team", "run")
        .prefetch_related(Prefetch("run__blocked_steps", blocked.order_by("since")), "comments", "run__steps")
        .order_by("opened_at", "pk")
    )


def _place(row: Blocker) -> int | None:
    """The number of open blockers of the same platform team up to this one, by age."""
    if row.owner != Move.PLATFORM or row.state != BlockerState.OPEN:
        return None
    same = Blocker.objects.filter(state=BlockerState.OPEN, owner=Move.PLATFORM, organisation=row.organisation)
    return int(same.filter(opened_at__lt=row.opened_at).aggregate(n=Count("pk"))["n"]) + 1


def _view(row: Blocker, *, place: int | None, usual: durations.Range | None) -> BlockerView:
    now = timezone.now()
    own_step = next(iter(row.run.steps.all()), None)
    return BlockerView(
        blocker=row,
        runs=[_blocked_run(step, now) for step in row.run.blocked_steps.all()],
        comments=list(row.comments.all()),
        last_check=own_step.reason if own_step else "",
        next_check=own_step.due_at if own_step else None,
        place=place,
        usual=usual,
    )


def _blocked_run(step: Step, now: datetime) -> BlockedRun:
    onboarding = step.run.onboarding
    return BlockedRun(
        id=onboarding.pk,
        repository=onboarding.repository.full_name,
        team=onboarding.team.name if onboarding.team else "",
        person=onboarding.person.get_full_name() or onboarding.person.username,
        step=step.name,
        since=step.since,
        waited=max(now - step.since, timedelta()),
    )
