"""A range of usual durations: rounded outwards, in one unit."""

from datetime import timedelta

import pytest

from onboarding.pages.durations import Range


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0, 0, "under 10 seconds"),
        (3, 9, "under 10 seconds"),
        (12, 38, "10 to 40 seconds"),
        (20, 20, "about 20 seconds"),
        (30, 121, "under 3 minutes"),
        (61, 200, "1 to 4 minutes"),
        (300, 300, "about 5 minutes"),
        (3_600, 7_200, "60 to 120 minutes"),
        (7_200, 14_400, "2 to 4 hours"),
        (9_000, 10_000, "2 to 3 hours"),
    ],
)
def test_a_range_is_rounded_outwards(low: int, high: int, text: str) -> None:
    assert str(Range.around(timedelta(seconds=low), timedelta(seconds=high))) == text


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 119, 120, 121, 3_599, 3_600, 100_000])
def test_a_range_contains_the_measured_durations(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert Range.around(length, length).low <= length <= Range.around(length, length).high
