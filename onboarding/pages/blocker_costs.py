"""What blockers have cost since the month began: which kind would be worth avoiding?"""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from catalog.models import Person
from engine.models import Run
from events.models import Event
from onboarding.blockers import causes
from onboarding.pages.blockers import governed


@dataclass(frozen=True)
class KindCost:
    """The blockers of one kind, the runs that waited for them, and for how long in total."""

    title: str
    blockers: int
    runs: int
    waited: timedelta


def this_month(person: Person) -> list[KindCost]:
    """The most expensive kind first."""
    now = timezone.now()
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    joined = _joined(begin)
    blockers = {str(row.pk): row for row in governed(person).filter(Q(closed_at=None) | Q(closed_at__gte=begin))}
    ends = dict(Run.objects.filter(pk__in={run for _, run in joined}).values_list("pk", "ended_at"))
    waits: dict[str, list[tuple[str, str, timedelta]]] = defaultdict(list)
    for (blocker_id, run), since in joined.items():
        row = blockers.get(blocker_id)
        if row is not None:
            until = min(moment for moment in (row.closed_at, ends.get(uuid.UUID(run)), now) if moment is not None)
            waits[row.kind].append((blocker_id, run, max(until - since, timedelta())))
    costs = [
        KindCost(
            title=causes.title(kind),
            blockers=len({blocker for blocker, _, _ in rows}),
            runs=len({run for _, run, _ in rows}),
            waited=sum((waited for _, _, waited in rows), timedelta()),
        )
        for kind, rows in waits.items()
    ]
    return sorted(costs, key=lambda cost: cost.waited, reverse=True)


def _joined(begin: datetime) -> dict[tuple[str, str], datetime]:
    """(blocker, run) → when the run first waited for it."""
    moments: dict[tuple[str, str], datetime] = {}
    for event in Event.objects.filter(type="onramp.blocker.joined", time__gte=begin).order_by("time", "id"):
        moments.setdefault((str(event.data.get("blocker")), event.subject.removeprefix("run:")), event.time)
    return moments
