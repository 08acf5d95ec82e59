"""Runs in lists: what needs me, what is in progress, what ended recently."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from catalog.models import Membership, Person
from engine.models import Move, RunState, Step, StepState
from onboarding.models import Onboarding, RunKind
from onboarding.pages.headline import Headline, headline
from onboarding.pages.wording import Readers
from onboarding.reactions.messages import NEEDS_PERSON

MAX_ACTIVE = 50
MAX_RECENT = 8
FILTERS = {"all": "All", "needs": "Needs action", "active": "In progress", "done": "Onboarded", "ended": "Ended"}
_STATES = {"done": [RunState.DONE], "ended": [RunState.DECLINED, RunState.CANCELLED]}


@dataclass(frozen=True)
class Line:
    """A run in one line."""

    onboarding: Onboarding
    headline: Headline
    done: int
    total: int


@dataclass(frozen=True)
class Home:
    """The runs of the first page."""

    needs_me: list[Line]
    in_progress: list[Line]
    recent: list[Line]

    @property
    def empty(self) -> bool:
        return not (self.needs_me or self.in_progress or self.recent)


def visible(person: Person) -> QuerySet[Onboarding]:
    """The onboardings that this person may see, newest first."""
    rows = Onboarding.objects.visible_to(person).with_rows().order_by("-run__created_at")
    return rows.filter(run__kind=RunKind.ONBOARDING)  # all of them are: this is the index that has their order


def home(person: Person) -> Home:
    """What needs this person, what else of theirs is in progress, and what their teams did recently."""
    teams = list(Membership.objects.of(person).values_list("team", flat=True))
    theirs = visible(person).filter(Q(person=person) | Q(team__in=teams))
    active = lines(person, theirs.filter(active=True)[:MAX_ACTIVE])
    recent = lines(person, theirs.filter(active=False)[:MAX_RECENT])
    return Home(
        needs_me=[line for line in active if line.headline.mine],
        in_progress=[line for line in active if not line.headline.mine],
        recent=recent,
    )


def filtered(person: Person, which: str, text: str) -> QuerySet[Onboarding]:
    """The runs that this person may see, by one of FILTERS and a part of the repository's or team's name."""
    rows = visible(person)
    if text:
        rows = rows.filter(
            Q(repository__name__icontains=text) | Q(repository__owner__icontains=text) | Q(team__name__icontains=text)
        )
    if which == "needs":
        stuck = Step.objects.filter(Q(state__in=NEEDS_PERSON) & ~Q(state=StepState.WAITING, move=Move.MACHINE))
        return rows.filter(active=True, run__in=stuck.values("run"))
    if which == "active":
        return rows.filter(active=True)
    return rows.filter(run__state__in=_STATES[which]) if which in _STATES else rows


def lines(person: Person, rows: Iterable[Onboarding]) -> list[Line]:
    """Two queries, however many rows."""
    onboardings = list(rows)
    readers = Readers(person)
    steps: dict[object, list[Step]] = {}
    for step in Step.objects.filter(run__in=[row.pk for row in onboardings]).order_by("position"):
        steps.setdefault(step.run_id, []).append(step)
    return [
        Line(
            onboarding=row,
            headline=headline(row, steps.get(row.pk, []), readers.of_run(row)),
            done=sum(step.state == StepState.DONE for step in steps.get(row.pk, [])),
            total=len(steps.get(row.pk, [])),
        )
        for row in onboardings
    ]
