"""The arithmetic with which the measurements tell whose time it was."""

from bench.crowd.memory import Memory
from bench.crowd.times import length, percentile, union, within, without


def test_intervals_that_overlap_or_touch_are_one() -> None:
    assert union([(5, 6), (1, 2), (2, 3), (1.5, 1.7), (4, 4)]) == [(1, 3), (5, 6)]


def test_a_window_is_what_lies_within_and_what_is_left() -> None:
    others = [(0.0, 2.0), (1.0, 3.0), (6.0, 7.0), (9.0, 12.0), (20.0, 30.0)]
    assert within((1, 10), others) == [(1, 3), (6, 7), (9, 10)]
    assert without((1, 10), others) == [(3, 6), (7, 9)]
    assert without((1, 10), []) == [(1, 10)]
    assert length(within((1, 10), others)) + length(without((1, 10), others)) == 9


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(one) for one in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 95), percentile([7.0], 95)) == (50, 95, 7)


def test_memory_that_grows_in_the_second_half_is_seen() -> None:
    assert Memory([1, 1, 100, 100, 100, 100, 120, 120]).growth > 0.19
    assert Memory([1, 50, 100, 100, 100, 100, 100, 100]).growth < 0.34
    assert Memory([5]).growth == 0
