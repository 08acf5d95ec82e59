"""Whether a page of a run is current, and who has it open."""

import uuid

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Now

from catalog.models import Person
from engine.models import Move, Step, StepState
from onboarding.models import Blocker, BlockerState, Onboarding, Presence


def of_run(run_id: uuid.UUID) -> str:
    """Changes with everything that the page shows: the run, its blockers, the next checks, a worker that was lost."""
    lost = Q(state=StepState.RUNNING, lease_until__lt=Now())
    checks = Q(state=StepState.WAITING) & ~Q(move=Move.MACHINE)
    row = Step.objects.filter(run=run_id).aggregate(
        run=Max("run__version"),
        lost=Count("pk", filter=lost),
        blockers=Sum("blocked_by__version"),
        blocker_check=Max("blocked_by__steps__due_at"),
        check=Max("due_at", filter=checks),
    )
    open_blockers = Blocker.objects.filter(state=BlockerState.OPEN, owner=Move.PLATFORM)
    queue = open_blockers.count() if row["blockers"] else 0
    moments = [int(row[name].timestamp()) if row[name] else 0 for name in ("blocker_check", "check")]
    return "-".join(str(part) for part in (row["run"] or 0, row["lost"], row["blockers"] or 0, queue, *moments))


def record_presence(onboarding: Onboarding, person: Person) -> None:
    """The person's page polled just now: no need to write to them."""
    Presence.objects.update_or_create(run=onboarding.run, person=person, defaults={"seen_at": Now()})
