"""Causes that hold runs, as people read them: on the run's page and in the platform's queue."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from catalog.models import Organisation, Person
from events.models import Event
from onboarding.models import Blocker, BlockerState, Move, Run, Step, StepState, TicketComment
from onboarding.reading import usual, words

RECENT = 10


@dataclass(frozen=True)
class Held:
    """A run that a cause holds, and for how long by now."""

    id: uuid.UUID
    repository: str
    team: str
    person: str
    step: str
    since: datetime
    lost: timedelta


@dataclass(frozen=True)
class Cause:
    """An open cause with what one wants to know while waiting for it."""

    blocker: Blocker
    held: list[Held]
    comments: list[TicketComment]
    checked: str
    looks_at: datetime | None
    place: int | None
    usual: usual.Range | None

    @property
    def kind(self) -> str:
        return words.cause_kind(self.blocker.kind)

    @property
    def people(self) -> list[str]:
        return sorted({one.person for one in self.held})

    @property
    def lost(self) -> timedelta:
        """The sum of the time that its runs have waited."""
        return sum((one.lost for one in self.held), timedelta())

    @property
    def ticket(self) -> bool:
        return self.blocker.owner == Move.PLATFORM


@dataclass(frozen=True)
class KindCount:
    """What one kind of cause cost since the month began."""

    kind: str
    causes: int
    runs: int
    lost: timedelta


def governed(person: Person) -> QuerySet[Blocker]:
    """Causes that this person's platform team works off; those of no organisation are every platform team's."""
    own = Organisation.objects.filter(teams__is_platform=True, teams__memberships__login=person.username)
    theirs = Q(organisation__in=own) | Q(organisation=None)
    return Blocker.objects.filter(theirs, owner=Move.PLATFORM)


def governed_one(person: Person, blocker_id: uuid.UUID) -> Blocker:
    """Raises Blocker.DoesNotExist."""
    return governed(person).get(pk=blocker_id)


def queue(person: Person) -> list[Cause]:
    """Every open cause, oldest first."""
    rows = list(_with_all(governed(person).filter(state=BlockerState.OPEN)))
    return [_cause(row, place=place, likely=None) for place, row in enumerate(rows, start=1)]


def of_steps(steps: Iterable[Step]) -> dict[uuid.UUID, Cause]:
    """The causes that these steps wait for, with their place in the queue, by the blocker's id."""
    wanted = {step.blocker_id for step in steps if step.blocker_id}
    if not wanted:
        return {}
    rows = _with_all(Blocker.objects.filter(pk__in=wanted))
    return {row.pk: _cause(row, place=_place(row), likely=usual.to_clear(row.kind)) for row in rows}


def cleared_recently(person: Person) -> list[Blocker]:
    closed = governed(person).exclude(state=BlockerState.OPEN).order_by("-closed_at")
    return list(closed.select_related("organisation", "team")[:RECENT])


def this_month(person: Person) -> list[KindCount]:
    """What would have avoided the most? Kinds by the minutes that runs waited for them, the dearest first."""
    now = timezone.now()
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    joined = _joined(begin)
    blockers = {str(row.pk): row for row in governed(person).filter(Q(closed_at=None) | Q(closed_at__gte=begin))}
    ends = dict(Run.objects.filter(pk__in={run for _, run in joined}).values_list("pk", "ended_at"))
    found: dict[str, list[tuple[str, str, timedelta]]] = defaultdict(list)
    for (blocker_id, run), since in joined.items():
        row = blockers.get(blocker_id)
        if row is not None:
            until = min(one for one in (row.closed_at, ends.get(uuid.UUID(run)), now) if one is not None)
            found[row.kind].append((blocker_id, run, max(until - since, timedelta())))
    counts = [
        KindCount(
            words.cause_kind(kind),
            len({one[0] for one in rows}),
            len({one[1] for one in rows}),
            sum((one[2] for one in rows), timedelta()),
        )
        for kind, rows in found.items()
    ]
    return sorted(counts, key=lambda one: one.lost, reverse=True)


def _joined(begin: datetime) -> dict[tuple[str, str], datetime]:
    """(blocker, run) → when the run first came to wait for it."""
    found: dict[tuple[str, str], datetime] = {}
    for event in Event.objects.filter(type="onramp.blocker.joined", time__gte=begin).order_by("time", "id"):
        found.setdefault((str(event.data.get("blocker")), event.subject.removeprefix("run:")), event.time)
    return found


def _with_all(rows: QuerySet[Blocker]) -> QuerySet[Blocker]:
    held = Step.objects.filter(state=StepState.BLOCKED, run__onboarding__isnull=False).select_related(
        "run__onboarding__repository", "run__onboarding__team", "run__onboarding__person"
    )
    return (
        rows.select_related("organisation", "team", "run")
        .prefetch_related(Prefetch("steps", held.order_by("since")), "comments", "run__steps")
        .order_by("opened_at", "pk")
    )


def _place(row: Blocker) -> int | None:
    """How many open causes of the same platform team are older, and this one."""
    if row.owner != Move.PLATFORM or row.state != BlockerState.OPEN:
        return None
    same = Blocker.objects.filter(state=BlockerState.OPEN, owner=Move.PLATFORM, organisation=row.organisation)
    return int(same.filter(opened_at__lt=row.opened_at).aggregate(n=Count("pk"))["n"]) + 1


def _cause(row: Blocker, *, place: int | None, likely: usual.Range | None) -> Cause:
    now = timezone.now()
    watch = next(iter(row.run.steps.all()), None)
    return Cause(
        blocker=row,
        held=[_held(step, now) for step in row.steps.all()],
        comments=list(row.comments.all()),
        checked=watch.reason if watch else "",
        looks_at=watch.due_at if watch else None,
        place=place,
        usual=likely,
    )


def _held(step: Step, now: datetime) -> Held:
    onboarding = step.run.onboarding
    return Held(
        id=onboarding.pk,
        repository=onboarding.repository.full_name,
        team=onboarding.team.name if onboarding.team else "",
        person=onboarding.person.get_full_name() or onboarding.person.username,
        step=step.name,
        since=step.since,
        lost=max(now - step.since, timedelta()),
    )
