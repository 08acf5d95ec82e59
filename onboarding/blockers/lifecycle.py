"""From a cause to a blocker and back: one blocker per cause, however many steps it stops; once cleared, all of them resume."""

import functools
from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Now

from engine import runs, waking
from engine.models import Move, Run, RunState, Step, StepState
from engine.outcomes import Blocked, BlockedBy
from events.log import record
from onboarding.blockers.causes import Cause
from onboarding.models import Blocker, BlockerState, RunKind

SOON = timedelta(hours=1)
"""A step that meets the same cause within this time after it cleared has returned to it."""
LONGEST_HISTORY = 20


def blocked(cause: Cause, *, detail: str = "") -> Blocked:
    """The outcome of a step that met this cause."""
    return Blocked(message=cause.summary, move=cause.owner, join=functools.partial(join, cause), detail=detail)


def join(cause: Cause, step: Step) -> BlockedBy:
    """Let the step wait for the open blocker of this cause, or for a new one. In a transaction.

    A step that keeps returning to the cause waits for people: the condition that Onramp checks is not the real problem.
    """
    blocker = _find_or_open(cause)
    history = _history(cause, step)
    if len(history) > len(blocker.history):
        blocker.history = history
        blocker.owner = Move.PLATFORM if blocker.is_disputed else blocker.owner
        blocker.save(update_fields=["history", "owner"])
    if blocker.facts != cause.facts:
        blocker.facts = blocker.facts | cause.facts
        blocker.save(update_fields=["facts"])
    facts = {"step": step.name, "blocker": str(blocker.pk), "cause": cause.kind.name}
    record("onramp.blocker.joined", f"run:{step.run_id}", **facts)
    waking.wake_run(blocker.pk)
    links = [(blocker.ticket_key, blocker.ticket_url)] if blocker.ticket_url else cause.links
    if blocker.is_disputed:
        return BlockedBy(blocker.pk, links, move=Move.PLATFORM, message=disputed_message(blocker))
    return BlockedBy(blocker.pk, links)


def disputed_message(blocker: Blocker) -> str:
    return (
        f"{blocker.summary}. This has cleared {len(blocker.history)} times and come back each time. The run continues when the "
        "platform team resolves the ticket"
    )


def _history(cause: Cause, step: Step) -> list[list[str]]:
    """How this cause cleared earlier, each time this step returned to it."""
    before = Blocker.objects.filter(
        fingerprint=cause.fingerprint,
        state=BlockerState.CLEARED,
        resumed__contains=[step.pk],
        closed_at__gt=Now() - SOON,
    )
    last = before.order_by("closed_at").last()
    if last is None or last.closed_at is None:
        return []
    clearing = [last.closed_at.isoformat(), last.closing_message, last.ticket_key, last.ticket_url]
    return [*last.history, clearing][-LONGEST_HISTORY:]


def _find_or_open(cause: Cause) -> Blocker:
    """The open blocker of this cause, locked. If another step has just opened it, it can close again before we lock it."""
    open_blockers = Blocker.objects.filter(fingerprint=cause.fingerprint, state=BlockerState.OPEN)
    while True:
        blocker = open_blockers.select_for_update().first() or _open(cause)
        if blocker is not None:
            return blocker


def _open(cause: Cause) -> Blocker | None:
    """Two steps may meet the same cause at once: the database's constraint lets one of them open it. None for the other."""
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
        return None
    record("onramp.blocker.opened", f"run:{run.pk}", cause=cause.kind.name, summary=cause.summary)
    return blocker


def open_blockers(run: Run) -> list[Blocker]:
    """Those that steps of this run wait for now."""
    waited_for = run.steps.filter(state=StepState.BLOCKED).values("blocked_by")
    return list(Blocker.objects.filter(pk__in=waited_for, state=BlockerState.OPEN))


def resume(blocker: Blocker, message: str) -> int:
    """The blocker has cleared: all its steps resume. In the transaction that closes it. Returns how many."""
    count = 0
    for run in _lock_blocked(blocker):
        for step in blocker.blocked_steps.filter(run=run):
            runs.make_ready(step)
            blocker.resumed.append(step.pk)
            Step.objects.filter(pk=step.pk).update(reason=message)
            record("onramp.step.resumed", f"run:{run.pk}", step=step.name, message=message)
            count += 1
        runs.touch(run)
    blocker.save(update_fields=["resumed"])
    return count


def decline(blocker: Blocker, message: str) -> int:
    """The blocker's ticket was closed as "won't do": its steps end as declined, and their runs with them. Returns how many
    runs ended."""
    count = 0
    for run in _lock_blocked(blocker):
        blocker.blocked_steps.filter(run=run).update(
            state=StepState.DECLINED, reason=message, ended_at=Now(), since=Now()
        )
        runs.end(run, RunState.DECLINED)
        count += 1
    return count


def link_from_steps(blocker: Blocker) -> None:
    """Every step that waits links to the ticket. In a transaction."""
    for run in _lock_blocked(blocker):
        blocker.blocked_steps.filter(run=run).update(links=[[blocker.ticket_key, blocker.ticket_url]])
        runs.touch(run)


def touch_blocked(blocker: Blocker) -> None:
    """The pages of all runs that wait show something new. In a transaction."""
    for run in _lock_blocked(blocker):
        runs.touch(run)


def _lock_blocked(blocker: Blocker) -> Iterator[Run]:
    """The runs with a step that waits, each locked: in one order for everybody, so that nobody waits in a circle. One that was
    cancelled, or runs again, while its lock was waited for is left out."""
    for run_id in sorted(set(blocker.blocked_steps.order_by().values_list("run_id", flat=True))):
        run = runs.lock(run_id)
        if blocker.blocked_steps.filter(run=run).exists():
            yield run
