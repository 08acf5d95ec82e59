"""Who used the time between a click and its verification: people, builds, providers; the rest is Onramp's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bench.crowd.collector import Collector, Span
from bench.crowd.people import People, trace
from bench.crowd.times import Interval, length, union, within, without
from engine.models import Step
from onboarding.models import Onboarding

TOLERANCE = 0.5
"""Seconds by which a check may be early; nobody would notice them."""


@dataclass(frozen=True)
class Part:
    """A part of Onramp's own time. `polled`: no webhook arrived for what the run waited for; the next check found it."""

    why: str
    seconds: float
    polled: bool = False


@dataclass
class Share:
    """Seconds of one run. People, builds and calls may overlap; `own_time` is the time that none of them covers."""

    whole: float
    people: float
    builds: float
    calls: float
    own_time: float
    executions: int
    parts: list[Part] = field(default_factory=list)


def of(onboarding: Onboarding, everybody: People, collector: Collector, poll: float) -> Share:
    """Raises RuntimeError where the run was not traced."""
    executions, calls = collector.of_run(trace(onboarding), str(onboarding.pk))
    if not executions or not calls:
        raise RuntimeError(f"no trace of {onboarding.pk} arrived")
    window = onboarding.run.created_at.timestamp(), _ended(onboarding, "verification")
    people = within(window, [_asked_until_merged(onboarding, everybody, executions)])
    builds = within(window, _builds(onboarding, everybody))
    outside = within(window, [call.interval for call in calls])
    own_time = without(window, [*people, *builds, *outside])
    parts = [part for gap in own_time for part in _parts(gap, executions, poll)]
    return Share(
        whole=window[1] - window[0],
        people=length(people),
        builds=length(builds),
        calls=length(outside),
        own_time=length(own_time),
        executions=len(executions),
        parts=parts,
    )


def _ended(onboarding: Onboarding, step: str) -> float:
    ended = Step.objects.get(run=onboarding.pk, name=step).ended_at
    assert ended is not None
    return ended.timestamp()


def _asked_until_merged(onboarding: Onboarding, everybody: People, executions: list[Span]) -> Interval:
    """From the first execution of the step that asks for the merge: before that nobody could know that the build passed."""
    requested_at = next((span.end for span in executions if span.step == "merge"), _ended(onboarding, "build"))
    return requested_at, everybody.merged_at.get(onboarding.pk, requested_at)


def _builds(onboarding: Onboarding, everybody: People) -> list[Interval]:
    builds = everybody.actors.builds(onboarding.repository.full_name)
    return [(_timestamp(build["run_started_at"]), _timestamp(build["updated_at"])) for build in builds]


def _timestamp(text: str) -> float:
    """GitHub's times are to the second."""
    return datetime.fromisoformat(text).timestamp()


def _parts(gap: Interval, executions: list[Span], poll: float) -> Iterator[Part]:
    """What Onramp did in the gap: it executed a step (throttled or not), or waited for the next execution."""
    covered = union(span.interval for span in executions)
    yield from (Part("executing", end - begin) for begin, end in within(gap, covered))
    for begin, end in without(gap, covered):
        following = next((span for span in executions if span.begin >= end - 1e-6), None)
        if following is None:
            yield Part("after the last execution", end - begin)
        else:
            yield _before(following, (begin, end), executions, poll)


def _before(following: Span, gap: Interval, executions: list[Span], poll: float) -> Part:
    step, seconds = following.step, gap[1] - gap[0]
    earlier = [span for span in executions if span.step == step and span.end <= following.begin]
    if not earlier:
        return Part(f"until a worker claimed {step}", seconds)
    if earlier[-1].facts.get("onramp.ending") == "paused":
        return Part(f"{step} paused", seconds)
    if step == "verification":
        return Part("between two checks of verification", seconds)
    polled = seconds > TOLERANCE and following.begin - earlier[-1].end >= poll - TOLERANCE
    return Part(f"until {step} {'polled' if polled else 'was woken'}", seconds, polled)
