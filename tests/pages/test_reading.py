"""The words for a run: lengths of time, whose time it took, usual durations, diffs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.models import Run, RunState, Step
from events.models import Event
from onboarding.pages import diffs, durations, time_spent, wording
from onboarding.pages.durations import Range
from tests.conftest import Cast
from tests.pages import rows

BEGIN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (0.4, "under 1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (1200, "20 min"),
        (3900, "1 h 5 min"),
        (90_000, "1 day 1 h"),
        (172_800, "2 days"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(seconds: float, message: str) -> None:
    assert wording.span(timedelta(seconds=seconds)) == message


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (360, 530, "6 to 9 minutes"),
        (12, 48, "10 to 50 seconds"),
        (3, 100, "under 100 seconds"),
        (7300, 10_000, "2 to 3 hours"),
        (300, 300, "about 5 minutes"),
    ],
)
def test_a_range_is_rounded_outwards(low: int, high: int, message: str) -> None:
    assert str(Range.around(timedelta(seconds=low), timedelta(seconds=high))) == message


@pytest.mark.django_db
@pytest.mark.parametrize("took", [[6, 7, 7, 8, 9, 9, 8, 7, 6, 90], [1, 2, 3, 4, 5], [30] * 4])
def test_four_of_five_finished_runs_fall_inside_the_usual_range(cast: Cast, took: list[int]) -> None:
    rows.history(cast, took)
    usual = durations.whole_run()
    assert usual is not None
    inside = [minutes for minutes in took if usual.low <= timedelta(minutes=minutes) <= usual.high]
    assert len(inside) >= 0.8 * len(took)
    assert set(durations.each_step()) == set(rows.ORDER)


@pytest.mark.django_db
def test_too_little_history_gives_no_range(cast: Cast) -> None:
    rows.history(cast, [5, 6])
    assert durations.whole_run() is None
    assert durations.each_step() == {}
    assert durations.to_clear("allowance") is None


def run(*steps: tuple[str, float]) -> tuple[Run, list[Step]]:
    """A run that took 60 minutes, with steps that began this many minutes after it."""
    row = Run(kind="onboarding", state=RunState.DONE, created_at=at(0), ended_at=at(60))
    return row, [Step(run=row, name=name, began_at=at(begin)) for name, begin in steps]


def event(step: str, word: str, minutes: float, move: str = "machine") -> Event:
    return Event(type=f"onramp.step.{word}", time=at(minutes), data={"step": step, "move": move})


def split(run_and_steps: tuple[Run, list[Step]], *events: Event) -> tuple[int, int, int]:
    """The minutes of the machine, the team and the platform."""
    parts = time_spent.split(*run_and_steps, events, at(600))
    machine, team, platform = (int(part.total_seconds() // 60) for part in (parts.machine, parts.team, parts.platform))
    return machine, team, platform


def test_a_blocked_step_takes_the_platforms_time_until_it_resumes() -> None:
    events = event("a", "blocked", 10, "platform"), event("a", "resumed", 40), event("a", "done", 45)
    assert split(run(("a", 0)), *events) == (30, 0, 30)


def test_time_counts_as_the_machines_while_any_step_works() -> None:
    events = event("a", "blocked", 5, "platform"), event("b", "done", 25), event("a", "resumed", 30)
    assert split(run(("a", 0), ("b", 0)), *events) == (55, 0, 5)


def test_a_failed_step_takes_the_teams_time_until_it_is_retried() -> None:
    events = event("a", "failed", 10), event("a", "retry_requested", 50), event("a", "done", 55)
    assert split(run(("a", 0)), *events) == (20, 40, 0)


def test_waiting_for_both_counts_as_the_platforms_time() -> None:
    events = event("a", "waiting", 0, "team"), event("b", "blocked", 0, "platform"), event("b", "resumed", 20)
    parts = split(run(("a", 0), ("b", 0)), *events, event("b", "done", 20), event("a", "done", 60))
    assert parts == (0, 40, 20)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(["waiting", "blocked", "failed", "resumed", "done"]),
            st.floats(0, 60),
            st.sampled_from(["machine", "team", "platform"]),
        ),
        max_size=12,
    )
)
def test_every_moment_is_counted_once(history: list[tuple[str, str, float, str]]) -> None:
    events = sorted((event(*fields) for fields in history), key=lambda event: event.time)
    parts = time_spent.split(*run(("a", 0), ("b", 3), ("c", 30)), events, at(600))
    assert parts.total == timedelta(minutes=60)


def test_a_diff_is_read_line_by_line() -> None:
    lines = diffs.diff_lines("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n+\n\\ No newline at end of file\n")
    assert [(line.kind, line.sign, line.text) for line in lines] == [
        ("place", " ", "@@ -1,2 +1,2 @@"),
        ("same", " ", "same"),
        ("remove", "-", "old"),
        ("add", "+", "new"),
        ("add", "+", ""),
    ]


def test_names_are_listed_in_words() -> None:
    assert [wording.listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
