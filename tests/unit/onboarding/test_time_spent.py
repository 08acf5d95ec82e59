"""Whose time a run took, from the record of its steps."""

from datetime import UTC, datetime, timedelta

from engine.models import Move, Run, Step, StepState
from events.models import Event
from onboarding.pages import time_spent
from tests.unit.onboarding.runs import step

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def begun(name: str, minute: int) -> Step:
    return step(name, StepState.RUNNING, began_at=at(minute))


def event(name: str, word: str, minute: int, move: Move | None = None) -> Event:
    data = {"step": name} | ({"move": str(move)} if move else {})
    return Event(type=f"onramp.step.{word}", time=at(minute), data=data)


def minutes(steps: list[Step], events: list[Event], end: int) -> tuple[float, float, float]:
    """(machine, team, platform) of a run that began at minute 0 and ended at minute `end`."""
    run = Run(created_at=START, ended_at=at(end))
    split = time_spent.split(run, steps, events, now=at(1_000))
    assert split.total == timedelta(minutes=end), "every moment is counted once"
    return tuple(part / timedelta(minutes=1) for part in (split.machine, split.team, split.platform))  # type: ignore[return-value]


def test_a_run_without_steps_is_the_machines_time() -> None:
    assert minutes([], [], 5) == (5, 0, 0)


def test_a_wait_counts_for_whose_move_it_is() -> None:
    events = [
        event("merge", "waiting", 2, Move.TEAM),
        event("merge", "blocked", 7, Move.PLATFORM),
        event("merge", "resumed", 10),
        event("merge", "done", 12),
    ]
    assert minutes([begun("merge", 0)], events, 12) == (4, 5, 3)


def test_a_failed_step_waits_for_the_team() -> None:
    assert minutes([begun("build", 0)], [event("build", "failed", 1)], 6) == (1, 5, 0)


def test_work_of_one_step_covers_the_wait_of_another() -> None:
    events = [event("merge", "waiting", 0, Move.TEAM), event("build", "done", 4), event("merge", "done", 10)]
    assert minutes([begun("merge", 0), begun("build", 0)], events, 10) == (4, 6, 0)


def test_the_platforms_wait_covers_the_teams() -> None:
    events = [
        event("merge", "waiting", 0, Move.TEAM),
        event("namespace", "blocked", 0, Move.PLATFORM),
        event("namespace", "cancelled", 3),
        event("merge", "done", 8),
    ]
    assert minutes([begun("merge", 0), begun("namespace", 0)], events, 8) == (0, 5, 3)


def test_events_of_an_earlier_attempt_are_ignored() -> None:
    assert minutes([begun("merge", 5)], [event("merge", "waiting", 1, Move.TEAM), event("merge", "done", 8)], 8) == (
        8,
        0,
        0,
    )


def test_an_active_run_lasts_until_now() -> None:
    split = time_spent.split(Run(created_at=START), [], [], now=at(3))
    assert split.total == timedelta(minutes=3)
