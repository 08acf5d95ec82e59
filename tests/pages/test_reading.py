"""How a run reads: words, lengths of time, whose time it took, what is usual."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.models import Event
from onboarding.models import Run, RunState, Step
from onboarding.reading import plans, turns, usual, words
from onboarding.reading.usual import Range
from tests.conftest import Cast
from tests.pages import rows

BEGIN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("seconds", "says"),
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
def test_a_length_of_time(seconds: float, says: str) -> None:
    assert words.span(timedelta(seconds=seconds)) == says


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (360, 530, "6 to 9 minutes"),
        (12, 48, "10 to 50 seconds"),
        (3, 100, "under 100 seconds"),
        (7300, 10_000, "2 to 3 hours"),
        (300, 300, "about 5 minutes"),
    ],
)
def test_a_range(low: int, high: int, says: str) -> None:
    assert str(Range.around(timedelta(seconds=low), timedelta(seconds=high))) == says


@pytest.mark.django_db
@pytest.mark.parametrize("took", [[6, 7, 7, 8, 9, 9, 8, 7, 6, 90], [1, 2, 3, 4, 5], [30] * 4])
def test_four_of_five_finished_runs_fall_inside_the_usual_range(cast: Cast, took: list[int]) -> None:
    rows.history(cast, took)
    found = usual.whole_run()
    assert found is not None
    inside = [one for one in took if found.low <= timedelta(minutes=one) <= found.high]
    assert len(inside) >= 0.8 * len(took)
    assert set(usual.each_step()) == set(rows.ORDER)


@pytest.mark.django_db
def test_too_little_history_says_nothing(cast: Cast) -> None:
    rows.history(cast, [5, 6])
    assert usual.whole_run() is None
    assert usual.each_step() == {}
    assert usual.to_clear("allowance") is None


def run(*steps: tuple[str, float]) -> tuple[Run, list[Step]]:
    """A run that ended after 60 minutes, with steps that began so many minutes after it."""
    made = Run(kind="onboarding", state=RunState.DONE, created_at=at(0), ended_at=at(60))
    return made, [Step(run=made, name=name, began_at=at(begin)) for name, begin in steps]


def event(step: str, what: str, minutes: float, move: str = "machine") -> Event:
    return Event(type=f"onramp.step.{what}", time=at(minutes), data={"step": step, "move": move})


def split(made: tuple[Run, list[Step]], *events: Event) -> tuple[int, int, int]:
    found = turns.split(*made, events, at(600))
    return tuple(int(one.total_seconds() // 60) for one in (found.machine, found.team, found.platform))  # type: ignore[return-value]


def test_a_block_is_the_platform_s_time_until_it_resumes() -> None:
    events = event("a", "blocked", 10, "platform"), event("a", "resumed", 40), event("a", "done", 45)
    assert split(run(("a", 0)), *events) == (30, 0, 30)


def test_while_anything_works_nobody_is_waited_for() -> None:
    events = event("a", "blocked", 5, "platform"), event("b", "done", 25), event("a", "resumed", 30)
    assert split(run(("a", 0), ("b", 0)), *events) == (55, 0, 5)


def test_a_failure_is_the_team_s_time_until_it_is_tried_again() -> None:
    events = event("a", "failed", 10), event("a", "retry_asked", 50), event("a", "done", 55)
    assert split(run(("a", 0)), *events) == (20, 40, 0)


def test_waits_for_both_are_the_platform_s() -> None:
    events = event("a", "waiting", 0, "team"), event("b", "blocked", 0, "platform"), event("b", "resumed", 20)
    found = split(run(("a", 0), ("b", 0)), *events, event("b", "done", 20), event("a", "done", 60))
    assert found == (0, 40, 20)


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
def test_every_moment_is_counted_once(happened: list[tuple[str, str, float, str]]) -> None:
    events = sorted((event(*one) for one in happened), key=lambda one: one.time)
    found = turns.split(*run(("a", 0), ("b", 3), ("c", 30)), events, at(600))
    assert found.whole == timedelta(minutes=60)


def test_a_diff_line_by_line() -> None:
    found = plans.diff_lines("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n+\n\\ No newline at end of file\n")
    assert [(one.kind, one.sign, one.text) for one in found] == [
        ("place", " ", "@@ -1,2 +1,2 @@"),
        ("same", " ", "same"),
        ("remove", "-", "old"),
        ("add", "+", "new"),
        ("add", "+", ""),
    ]


def test_lists_in_words() -> None:
    assert [words.listed(one) for one in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
