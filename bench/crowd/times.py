"""Arithmetic of intervals on one clock: (beginning, end) in seconds since 1970."""

import math
from collections.abc import Iterable, Sequence

Interval = tuple[float, float]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same moments as intervals that do not touch each other, in order."""
    found: list[Interval] = []
    for begin, end in sorted(one for one in intervals if one[1] > one[0]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def within(window: Interval, intervals: Iterable[Interval]) -> list[Interval]:
    """The moments of the intervals that lie in the window."""
    return union((max(begin, window[0]), min(end, window[1])) for begin, end in intervals)


def without(window: Interval, intervals: Iterable[Interval]) -> list[Interval]:
    """The moments of the window that are in none of the intervals."""
    edges = [window[0], *(edge for one in within(window, intervals) for edge in one), window[1]]
    return [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if end > begin]


def length(intervals: Iterable[Interval]) -> float:
    """Of intervals that do not overlap."""
    return sum(end - begin for begin, end in intervals)


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest of the values that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
