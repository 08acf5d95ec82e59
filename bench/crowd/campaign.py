"""Many onboardings started at once, carried until every pull request is open: how near that comes to what a lane allows.

The real web process and Celery workers against a quiet sandbox: no pipelines, no applications, no webhooks. One team
starts all of them; when half of its pull requests are open, somebody of another team starts one.

Changes at GitHub go one after the other, each at the earliest a spacing after the one before it began. So they take at least
as many times the spacing as there are changes, or their own time where that is longer on average: the lane's limit.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.crowd import memory, setting
from bench.crowd.collector import DELAY, Collector, Span
from bench.crowd.times import mean, percentile

if TYPE_CHECKING:
    from bench.crowd.memory import Memory
    from bench.crowd.people import People
    from onboarding.models import Onboarding
    from tests.chaos.surroundings import Surroundings

GOAL = 0.8
"""Of the limit."""
MANY, OTHER = "alice", "charlie"
"""Who starts the campaign, and who comes into it; they are of different teams."""
PROVIDER = "github"
FLAT = 0.05


def arguments() -> argparse.Namespace:
    parser = setting.parser("bench/campaign", __doc__, runs=200)
    parser.add_argument(
        "--spacing", type=float, default=1.0, help="seconds between two changes at GitHub (default: %(default)g)"
    )
    given = parser.parse_args()
    if given.spacing <= 0:
        parser.error("--spacing must be more than 0: without it changes have no lane")
    return given


@dataclass(frozen=True)
class Campaign:
    wall: float
    """Seconds from the first start to the last open pull request."""
    opened: list[float]
    """Seconds from each click to its open pull request."""
    other: float | None
    """Seconds of the other team's run; None where it got none."""
    changes: list[Span]
    """In their order."""
    first: float
    """Seconds from the first start to the first change."""
    paused: list[tuple[str, str, int]]
    """(step, what the try said, how often)"""


def main() -> int:
    given = arguments()
    own = {"PORTAL_SOURCE_GITHUB_SPACING": f"{given.spacing:g}"}
    with setting.world(given, own, background=False) as (to, collector):
        # Only now is Django set up.
        from bench.crowd import people  # noqa: PLC0415

        everybody = people.gather(to, [MANY] * given.runs + [OTHER])
        setting.delay(to, given.delay)
        with memory.watched([to.web, *to.workers]) as held:
            everybody.click(everybody.plans[: given.runs])
            _carry(to, everybody, given)
            load = os.getloadavg()
        time.sleep(3 * DELAY)  # the last spans are on their way
        found = _found(everybody, collector)
        sys.stdout.write(_report(given, found, held, everybody, load))
        to.keep = len(found.opened) < given.runs or found.other is None
    return 1 if to.keep else 0


def _carry(to: "Surroundings", everybody: "People", given: argparse.Namespace) -> None:
    """Until every pull request is open, or the patience is over."""
    from bench.crowd import people  # noqa: PLC0415

    deadline = time.monotonic() + given.patience
    plans = everybody.plans[given.runs :]
    while time.monotonic() < deadline:
        people.going(to)
        opened = len(_opened(everybody.runs))
        if plans and opened * 2 >= given.runs:
            everybody.click(plans)
            plans = []
        elif not plans and opened + len(everybody.stopped()) >= len(everybody.runs):
            return
        time.sleep(people.A_MOMENT)


def _opened(runs: "Iterable[Onboarding]") -> dict[object, float]:
    """Run → when its pull request was open."""
    from onboarding.models import Step, StepState  # noqa: PLC0415

    done = Step.objects.filter(run__in=[one.pk for one in runs], name="pull_request", state=StepState.DONE)
    return {run: ended.timestamp() for run, ended in done.values_list("run_id", "ended_at") if ended}


def _found(everybody: "People", collector: Collector) -> Campaign:
    from django.db.models import Count  # noqa: PLC0415

    from onboarding.models import Attempt  # noqa: PLC0415

    opened = _opened(everybody.runs)
    many = [one for one in everybody.runs if one.person.username == MANY]
    began = min(one.run.created_at.timestamp() for one in many)
    ended = max((opened[one.pk] for one in many if one.pk in opened), default=began)
    calls = sorted(collector.calls(PROVIDER), key=lambda one: one.begin)
    changes = [one for one in calls if one.changes and one.begin <= ended]
    others = [
        opened[one.pk] - one.run.created_at.timestamp()
        for one in everybody.runs
        if one.person.username == OTHER and one.pk in opened
    ]
    tries = Attempt.objects.filter(outcome="failed").values_list("step__name", "says").annotate(count=Count("pk"))
    return Campaign(
        ended - began,
        [opened[one.pk] - one.run.created_at.timestamp() for one in many if one.pk in opened],
        max(others, default=None),
        changes,
        changes[0].begin - began if changes else 0.0,
        sorted(tries, key=lambda one: -one[2]),
    )


def _report(
    given: argparse.Namespace,
    found: Campaign,
    held: "dict[str, Memory]",
    everybody: "People",
    load: tuple[float, float, float],
) -> str:
    seconds = [one.end - one.begin for one in found.changes]
    each = mean(seconds)
    limit = len(found.changes) * max(given.spacing, each)
    strict = sum(max(given.spacing, one) for one in seconds)
    counts = (given.runs, len(found.opened), given.workers, given.processes)
    other = "got none" if found.other is None else f"{found.other:.1f} s after its click"
    met = "met" if limit and found.wall <= limit / GOAL else "MISSED"
    lines = [
        "{} onboardings at once, {} pull requests opened; {} × {} worker processes".format(*counts),
        f"  load {load[0]:.1f} (1 min) {load[1]:.1f} (5 min) on {os.cpu_count()} cores, shared with the sandbox",
        *(f"  stopped: {one}" for one in everybody.stopped()),
        f"  from the first start to the last open pull request {found.wall:8.1f} s   the first change began after {found.first:.1f} s",
        f"  the lane's limit                                   {limit:8.1f} s   {len(found.changes)} changes at GitHub, one "
        f"after the other, × max(spacing {given.spacing:g} s, mean duration {each:.2f} s)",
        f"    with the time of each for itself                 {strict:8.1f} s   a change longer than the spacing holds up the "
        f"next one: {sum(one > given.spacing for one in seconds)} were",
        f"  {limit / found.wall if found.wall else 0:.0%} of what the lane allows   goal ≥ {GOAL:.0%}: {met}",
        f"  the other team's pull request, begun in the middle: {other}",
    ]
    if found.opened:
        usual, longest = percentile(found.opened, 50), max(found.opened)
        lines += [f"    the campaign's own: p50 {usual:.1f} s, the longest {longest:.1f} s"]
    lines += [
        "",
        *_tries(found),
        "",
        *_memory(held),
    ]
    return "\n".join(lines) + "\n"


def _tries(found: Campaign) -> list[str]:
    lines = [f"  {count:6} {step}: {says}" for step, says, count in found.paused]
    return ["Tries that a pause ended, by step:", *(lines or ["  none"])]


def _memory(held: "dict[str, Memory]") -> list[str]:
    lines = [
        f"Resident memory in MB, a sample every {memory.EVERY:g} s; pages that processes share count for each of them:",
        f"  {'':10}{'samples':>9}{'2nd quarter':>13}{'last quarter':>14}{'growth':>9}",
    ]
    for name, one in held.items():
        second, last = one.second / 1e6, one.last / 1e6
        lines.append(f"  {name:10}{len(one.samples):9}{second:13.0f}{last:14.0f}{one.growth:9.1%}")
    flat = abs(held["all"].growth) <= FLAT
    return [*lines, f"  flat (±{FLAT:.0%}): {'met' if flat else 'MISSED'}"]


if __name__ == "__main__":
    sys.exit(main())
