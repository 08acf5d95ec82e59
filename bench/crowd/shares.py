"""Whose time it was, between a click and its proof: people's, the builds', the providers', and what remains is Onramp's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bench.crowd.collector import Collector, Span
from bench.crowd.people import People, trace
from bench.crowd.times import Interval, length, union, within, without
from onboarding.models import Onboarding, Step

A_BIT = 0.5
"""Seconds by which a look may be early, and which nobody would notice."""


@dataclass(frozen=True)
class Part:
    """A piece of Onramp's own time. `late`: the news that the run waited for was not heard, but found by the next look."""

    why: str
    seconds: float
    late: bool = False


@dataclass
class Share:
    """Seconds of one run. The parts of others may overlap each other; `own` is what none of them covers."""

    whole: float
    people: float
    builds: float
    calls: float
    own: float
    turns: int
    parts: list[Part] = field(default_factory=list)


def of(one: Onboarding, everybody: People, collector: Collector, poll: float) -> Share:
    """Raises RuntimeError where the run was not traced."""
    turns, calls = collector.of_run(trace(one), str(one.pk))
    if not turns or not calls:
        raise RuntimeError(f"no trace of {one.pk} arrived")
    window = one.run.created_at.timestamp(), _ended(one, "proof")
    people = within(window, [_asked_until_merged(one, everybody, turns)])
    builds = within(window, _builds(one, everybody))
    outside = within(window, [call.interval for call in calls])
    own = without(window, [*people, *builds, *outside])
    parts = [part for piece in own for part in _parts(piece, turns, poll)]
    return Share(window[1] - window[0], length(people), length(builds), length(outside), length(own), len(turns), parts)


def _ended(one: Onboarding, step: str) -> float:
    ended = Step.objects.get(run=one.pk, name=step).ended_at
    assert ended is not None
    return ended.timestamp()


def _asked_until_merged(one: Onboarding, everybody: People, turns: list[Span]) -> Interval:
    """From the first turn of the step that asks them; until then nobody could know, though the build was green."""
    asked = next((turn.end for turn in turns if turn.step == "merge"), _ended(one, "build"))
    return asked, everybody.merged_at.get(one.pk, asked)


def _builds(one: Onboarding, everybody: People) -> list[Interval]:
    found = everybody.hands.builds(one.repository.full_name)
    return [(_moment(build["run_started_at"]), _moment(build["updated_at"])) for build in found]


def _moment(said: str) -> float:
    """To the second, as GitHub says it."""
    return datetime.fromisoformat(said).timestamp()


def _parts(piece: Interval, turns: list[Span], poll: float) -> Iterator[Part]:
    """What Onramp did in the piece: a turn (with its waits in a lane), or none, and what the turn after that was for."""
    covered = union(turn.interval for turn in turns)
    yield from (Part("in a turn", end - begin) for begin, end in within(piece, covered))
    for begin, end in without(piece, covered):
        following = next((turn for turn in turns if turn.begin >= end - 1e-6), None)
        yield (
            Part("after the last turn", end - begin)
            if following is None
            else _before(following, (begin, end), turns, poll)
        )


def _before(following: Span, piece: Interval, turns: list[Span], poll: float) -> Part:
    step, seconds = following.step, piece[1] - piece[0]
    earlier = [turn for turn in turns if turn.step == step and turn.end <= following.begin]
    if not earlier:
        return Part(f"until a worker took {step}", seconds)
    if earlier[-1].facts.get("onramp.ending") == "paused":
        return Part(f"{step} paused", seconds)
    if step == "proof":
        return Part("between two looks of proof", seconds)
    late = seconds > A_BIT and following.begin - earlier[-1].end >= poll - A_BIT
    return Part(f"until {step} looked again{' by itself' if late else ''}", seconds, late)
