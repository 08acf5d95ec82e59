"""Runs in lists: what needs me, what is under way, what was lately."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from catalog.models import Membership, Person
from onboarding import actions
from onboarding.models import Move, Onboarding, RunState, Step, StepState
from onboarding.reading.headline import Headline, headline
from onboarding.reading.words import NEEDING, Readers

SHOWN = 8
FILTERS = {"all": "All", "needs": "Somebody’s move", "active": "In progress", "done": "Onboarded", "ended": "Ended"}


@dataclass(frozen=True)
class Line:
    """A run in one line."""

    onboarding: Onboarding
    headline: Headline
    done: int
    total: int


@dataclass(frozen=True)
class Mine:
    """The runs of the first page."""

    needing: list[Line]
    going: list[Line]
    recent: list[Line]

    @property
    def empty(self) -> bool:
        return not (self.needing or self.going or self.recent)


def mine(person: Person) -> Mine:
    """What needs this person, what else of theirs is under way, and what their teams did lately."""
    teams = Membership.objects.filter(login=person.username).values("team")
    own = actions.all_visible(person).filter(Q(person=person) | Q(team__in=teams))
    active = lines(person, own.filter(run__state=RunState.ACTIVE)[:50])
    needing = [line for line in active if line.headline.mine]
    recent = lines(person, own.exclude(run__state=RunState.ACTIVE)[:SHOWN])
    return Mine(needing, [line for line in active if not line.headline.mine], recent)


def filtered(person: Person, which: str, text: str) -> QuerySet[Onboarding]:
    """The runs that this person may see, by one of FILTERS and a part of the repository's or team's name."""
    rows = actions.all_visible(person)
    if text:
        rows = rows.filter(
            Q(repository__name__icontains=text) | Q(repository__owner__icontains=text) | Q(team__name__icontains=text)
        )
    if which == "needs":
        stuck = Step.objects.filter(Q(state__in=NEEDING) & ~Q(state=StepState.WAITING, move=Move.MACHINE))
        return rows.filter(run__state=RunState.ACTIVE, run__in=stuck.values("run"))
    states = {"active": [RunState.ACTIVE], "done": [RunState.DONE], "ended": [RunState.REFUSED, RunState.CANCELLED]}
    return rows.filter(run__state__in=states[which]) if which in states else rows


def lines(person: Person, rows: Iterable[Onboarding]) -> list[Line]:
    """Two queries, however many rows."""
    found = list(rows)
    readers = Readers(person)
    steps: dict[object, list[Step]] = {}
    for step in Step.objects.filter(run__in=[row.pk for row in found]).order_by("position"):
        steps.setdefault(step.run_id, []).append(step)
    return [
        Line(
            row,
            headline(row, steps.get(row.pk, []), readers.of(row.team, row.person_id)),
            sum(step.state == StepState.DONE for step in steps.get(row.pk, [])),
            len(steps.get(row.pk, [])),
        )
        for row in found
    ]
