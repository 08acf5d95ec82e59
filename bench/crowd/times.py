"""Arithmetic of intervals on one clock: (begin, end) in seconds since 1970."""

import math
from collections.abc import Iterable, Sequence

Interval = tuple[float, float]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as intervals that do not touch each other, in order."""
    merged: list[Interval] = []
    for begin, end in sorted(interval for interval in intervals if interval[1] > interval[0]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def within(window: Interval, intervals: Iterable[Interval]) -> list[Interval]:
    """The time of the intervals that lies in the window."""
    return union((max(begin, window[0]), min(end, window[1])) for begin, end in intervals)


def without(window: Interval, intervals: Iterable[Interval]) -> list[Interval]:
    """The time of the window that is in none of the intervals."""
    edges = [window[0], *(edge for interval in within(window, intervals) for edge in interval), window[1]]
    return [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if end > begin]


def length(intervals: Iterable[Interval]) -> float:
    """Seconds of intervals that do not overlap."""
    return sum(end - begin for begin, end in intervals)


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that `percent` per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
