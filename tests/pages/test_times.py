"""Points in time on pages: relative where they are recent, absolute otherwise, and the absolute time on hover."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from portal.templatetags.times import due, moment

NOW = datetime(2026, 3, 4, 0, 10, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=2, seconds=30), "2 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "3 Mar 2026, 00:10 UTC"),
        (timedelta(days=90), "4 Dec 2025, 00:10 UTC"),
        (timedelta(seconds=-30), "in under a minute"),
        (timedelta(minutes=-5), "in 5 min"),
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(days=-30), "3 Apr 2026, 00:10 UTC"),
    ],
)
def test_a_recent_moment_is_relative_and_any_other_has_its_date(age: timedelta, text: str) -> None:
    assert f">{text}</time>" in moment(NOW - age)


def test_the_absolute_time_is_shown_on_hover() -> None:
    yesterday = NOW - timedelta(minutes=20)
    assert moment(yesterday) == (
        '<time datetime="2026-03-03T23:50:05+00:00" title="Tuesday, 3 March 2026, 23:50:05 UTC" data-moment="moment">20 min ago</time>'
    )


@pytest.mark.parametrize(
    ("age", "text"), [(timedelta(minutes=-5), "in 5 min"), (timedelta(0), "now"), (timedelta(days=2), "now")]
)
def test_an_overdue_time_is_now(age: timedelta, text: str) -> None:
    assert f">{text}</time>" in due(NOW - age)


def test_an_unknown_time_is_empty() -> None:
    assert (moment(None), due(None)) == ("", "")
