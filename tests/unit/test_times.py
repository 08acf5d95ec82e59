"""The arithmetic of intervals, percentiles and memory in the benchmarks."""

from bench.crowd.memory import Memory
from bench.crowd.times import length, percentile, union, within, without


def test_overlapping_or_touching_intervals_are_merged() -> None:
    assert union([(5, 6), (1, 2), (2, 3), (1.5, 1.7), (4, 4)]) == [(1, 3), (5, 6)]


def test_a_window_is_divided_into_covered_and_uncovered_time() -> None:
    intervals = [(0.0, 2.0), (1.0, 3.0), (6.0, 7.0), (9.0, 12.0), (20.0, 30.0)]
    assert within((1, 10), intervals) == [(1, 3), (6, 7), (9, 10)]
    assert without((1, 10), intervals) == [(3, 6), (7, 9)]
    assert without((1, 10), []) == [(1, 10)]
    assert length(within((1, 10), intervals)) + length(without((1, 10), intervals)) == 9


def test_a_percentile_is_a_measured_value() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 95), percentile([7.0], 95)) == (50, 95, 7)


def test_memory_growth_compares_the_last_quarter_with_the_second() -> None:
    assert Memory([1, 1, 100, 100, 100, 100, 120, 120]).growth > 0.19
    assert Memory([1, 50, 100, 100, 100, 100, 100, 100]).growth < 0.34
    assert Memory([5]).growth == 0
