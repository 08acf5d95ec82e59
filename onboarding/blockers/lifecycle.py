"""From a cause to a blocker and back: one blocker per cause, however many steps it stops; once cleared, all of them resume."""

import functools
import uuid

from django.db.models.functions import Now

from engine import runs, waking
from engine.models import Run, RunState, Step, StepState
from engine.outcomes import Blocked, BlockedBy
from events.log import record
from onboarding.blockers.causes import Cause
from onboarding.models import Blocker, BlockerState, RunKind


def blocked(cause: Cause, *, detail: str = "") -> Blocked:
    """The outcome of a step that met this cause."""
    return Blocked(message=cause.summary, move=cause.owner, join=functools.partial(join, cause), detail=detail)


def join(cause: Cause, step: Step) -> BlockedBy:
    """Let the step wait for the open blocker of this cause, or for a new one. In a transaction."""
    blocker = _find_or_open(cause)
    if blocker.facts != cause.facts:
        blocker.facts = blocker.facts | cause.facts
        blocker.save(update_fields=["facts"])
    facts = {"step": step.name, "blocker": str(blocker.pk), "cause": cause.kind.name}
    record("onramp.blocker.joined", f"run:{step.run_id}", **facts)
    waking.wake_run(blocker.pk)
    links = [(blocker.ticket_key, blocker.ticket_url)] if blocker.ticket_url else cause.links
    return BlockedBy(blocker.pk, links)


def _find_or_open(cause: Cause) -> Blocker:
    """The open blocker of this cause, locked."""
    open_blockers = Blocker.objects.filter(fingerprint=cause.fingerprint, state=BlockerState.OPEN)
    return open_blockers.select_for_update().first() or _open(cause)


def _open(cause: Cause) -> Blocker:
    """Two steps may meet the same cause at once: the database's constraint lets one of them open it."""
    run = runs.start(RunKind.BLOCKER)
    blocker, created = Blocker.objects.get_or_create(
        fingerprint=cause.fingerprint,
        state=BlockerState.OPEN,
        defaults={
            "run": run,
            "kind": cause.kind.name,
            "owner": cause.owner,
            "summary": cause.summary[:250],
            "explanation": cause.explanation,
            "clears_when": cause.clears_when,
            "facts": cause.facts,
            "team": cause.team,
            "organisation": cause.organisation or (cause.team.organisation if cause.team else None),
        },
    )
    if not created:
        run.delete()
        return Blocker.objects.select_for_update().get(pk=blocker.pk)
    record("onramp.blocker.opened", f"run:{run.pk}", cause=cause.kind.name, summary=cause.summary)
    return blocker


def open_blockers(run: Run) -> list[Blocker]:
    """Those that steps of this run wait for now."""
    waited_for = run.steps.filter(state=StepState.BLOCKED).values("blocked_by")
    return list(Blocker.objects.filter(pk__in=waited_for, state=BlockerState.OPEN))


def resume(blocker: Blocker, message: str) -> int:
    """The blocker has cleared: all its steps resume. In the transaction that closes it. Returns how many."""
    count = 0
    for run_id in _blocked_runs(blocker):
        run = runs.lock(run_id)
        for step in blocker.blocked_steps.filter(run=run_id):
            runs.make_ready(step)
            Step.objects.filter(pk=step.pk).update(reason=message)
            record("onramp.step.resumed", f"run:{run_id}", step=step.name, message=message)
            count += 1
        runs.touch(run)
    return count


def decline(blocker: Blocker, message: str) -> int:
    """The blocker's ticket was closed as "won't do": its steps end as declined, and their runs with them. Returns how many
    runs ended."""
    run_ids = _blocked_runs(blocker)
    for run_id in run_ids:
        run = runs.lock(run_id)
        blocker.blocked_steps.filter(run=run_id).update(
            state=StepState.DECLINED, reason=message, ended_at=Now(), since=Now()
        )
        runs.end(run, RunState.DECLINED)
    return len(run_ids)


def _blocked_runs(blocker: Blocker) -> list[uuid.UUID]:
    """In one order for everybody, so that two transactions never wait for each other."""
    return sorted(set(blocker.blocked_steps.order_by().values_list("run_id", flat=True)))
