"""Texts that a tool would refuse because they are too long."""

import pytest

from onboarding.blockers.tickets import shortened


@pytest.mark.parametrize("text", ["", "one line", "two\nlines", "x" * 500])
def test_a_short_text_stays_as_it_is(text: str) -> None:
    assert shortened(text, 500) == text


def test_a_long_text_ends_with_a_whole_line_and_says_how_many_are_left_out() -> None:
    text = "\n".join(f"line {number}" for number in range(100))
    short = shortened(text, 500)
    assert len(short) <= 500
    *kept, empty, end = short.split("\n")
    assert kept == [f"line {number}" for number in range(len(kept))]
    assert (empty, end) == ("", f"… and {100 - len(kept)} more lines.")


def test_a_single_long_line_is_cut() -> None:
    short = shortened("x" * 1000, 500)
    assert len(short) <= 500
    assert short.endswith("… and 1 more line.")
