"""Onramp's own share of the time from click to proof, while many onboardings go on at once.

The real web process and Celery workers, with the product's own leases and patience, against a sandbox in which every call
takes longer and some webhooks never arrive. Runs are started through the API, all of them at once or so many that some are
under way at a time; people merge at once.

Not ours are the moments in which it is people's move (from the turn that asks them until the merge), in which a
workflow runs at the source host, or in which a provider answers a call (the spans of the run's own trace). What none of
these covers is ours: taking turns, the database, lanes, queueing for a worker, and news that nobody brought.
GitHub says its times to the second, so each build may be off by up to one. The proof is not told of what it waits for, a
sample and a line of the log: it looks every few seconds, and what that takes counts as ours.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.crowd import setting
from bench.crowd.collector import DELAY
from bench.crowd.times import percentile

if TYPE_CHECKING:
    from bench.crowd.people import People
    from bench.crowd.shares import Share
    from tests.chaos.surroundings import Surroundings

GOAL = 30.0
TOP = 10


def arguments() -> argparse.Namespace:
    parser = setting.parser("bench/journey", __doc__, runs=100)
    parser.add_argument("--lost", type=float, default=0.1, help="share of webhooks that is lost (default: %(default)s)")
    parser.add_argument(
        "--poll",
        type=float,
        default=float(setting.PATIENCE["PORTAL_POLL_SECONDS"]),
        help="seconds until a wait looks by itself (default: the product's, %(default)g)",
    )
    parser.add_argument(
        "--spacing", type=float, default=0.0, help="seconds between two changes at GitHub (default: none)"
    )
    parser.add_argument(
        "--together", type=int, help="onboardings under way at a time; a new one begins as one ends (default: all)"
    )
    return parser.parse_args()


def main() -> int:
    given = arguments()
    own = {"PORTAL_POLL_SECONDS": f"{given.poll:g}", "PORTAL_SOURCE_GITHUB_SPACING": f"{given.spacing:g}"}
    with setting.world(given, own) as (to, collector):
        # Only now is Django set up.
        from bench.crowd import people, shares  # noqa: PLC0415
        from tests.chaos.people import TEAMS  # noqa: PLC0415

        logins = list(TEAMS)
        everybody = people.gather(to, [logins[number % len(logins)] for number in range(given.runs)])
        setting.delay(to, given.delay)
        if given.lost:
            to.sandbox.fault("webhook-dropped", "*", share=given.lost)
        _carry(to, everybody, given)
        load = os.getloadavg()
        to.sandbox.behave()
        time.sleep(3 * DELAY)  # the last spans are on their way
        finished = [one for one in everybody.runs if one.run.state == "done"]
        found = [shares.of(one, everybody, collector, given.poll) for one in finished]
        sent = to.sandbox.requests(provider="webhook", limit="20000")
        lost = sum(one["fault"] == "webhook-dropped" for one in sent)
        sys.stdout.write(_report(given, found, everybody, f"{lost} of {len(sent)} webhooks lost", load))
        to.keep = len(found) < given.runs
    return 1 if to.keep else 0


def _carry(to: "Surroundings", everybody: "People", given: argparse.Namespace) -> None:
    """Until every run has its proof, or stopped, or the patience is over."""
    from bench.crowd import people  # noqa: PLC0415

    deadline = time.monotonic() + given.patience
    to_come = list(everybody.plans)
    while everybody.finished() + len(everybody.stopped()) < given.runs and time.monotonic() < deadline:
        people.going(to)
        under_way = len(everybody.runs) - everybody.finished() - len(everybody.stopped())
        free = max(0, (given.together or given.runs) - under_way)
        begin, to_come = to_come[:free], to_come[free:]
        if begin:
            everybody.click(begin)
        everybody.move()
        time.sleep(people.A_MOMENT)
    for one in everybody.runs:
        one.run.refresh_from_db()


def _report(
    given: argparse.Namespace, found: "list[Share]", everybody: "People", lost: str, load: tuple[float, float, float]
) -> str:
    lines = [
        f"{given.runs} onboardings, {given.together or given.runs} at a time, every call {given.delay:g} s longer, {lost}; a wait looks by itself after "
        f"{given.poll:g} s; {given.workers} × {given.processes} worker processes",
        f"  {len(found)} of {given.runs} reached their proof; load {load[0]:.1f} (1 min) {load[1]:.1f} (5 min) on "
        f"{os.cpu_count()} cores, shared with the sandbox's builds and applications",
        *(f"  stopped: {one}" for one in everybody.stopped()),
    ]
    if not found:
        return "\n".join(lines) + "\n"
    clicks = everybody.answers
    lines += [
        f"  {'seconds':32}{'p50':>9}{'p95':>9}",
        _row("from click to proof", found, lambda one: one.whole),
        _row("  people", found, lambda one: one.people),
        _row("  builds", found, lambda one: one.builds),
        _row("  calls to providers", found, lambda one: one.calls),
        _row("  Onramp's own share", found, lambda one: one.own) + f"   goal p95 ≤ {GOAL:g} s: {_verdict(found)}",
        f"  {'before: the answer to the click':32}{percentile(clicks, 50):9.1f}{percentile(clicks, 95):9.1f}",
        "",
        *_dominates(found, given.poll),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, found: "list[Share]", seconds: "Callable[[Share], float]") -> str:
    values = [seconds(one) for one in found]
    return f"  {name:32}{percentile(values, 50):9.1f}{percentile(values, 95):9.1f}"


def _verdict(found: "list[Share]") -> str:
    return "met" if percentile([one.own for one in found], 95) <= GOAL else "MISSED"


def _dominates(found: "list[Share]", poll: float) -> list[str]:
    """What the own share consists of, the most first, and how often news had to be found instead of being heard."""
    parts: dict[str, list[float]] = defaultdict(list)
    for one in found:
        for part in one.parts:
            parts[part.why].append(part.seconds)
    total = sum(one.own for one in found)
    late = [sum(part.late for part in one.parts) for one in found]
    lines = [
        f"Own share, {total / len(found):.1f} s a run on average in {sum(one.turns for one in found) / len(found):.0f} turns:"
    ]
    for why, seconds in sorted(parts.items(), key=lambda item: -sum(item[1]))[:TOP]:
        each, share = sum(seconds) / len(found), sum(seconds) / total
        lines.append(f"  {each:7.2f} s {share:5.0%}  {why} ({len(seconds)} times, the longest {max(seconds):.1f} s)")
    heard = f"{sum(late)} waits for news were ended by a look {poll:g} s later, as nothing was heard, in {sum(map(bool, late))} of {len(found)} runs"
    return [*lines, f"  {heard}"]


if __name__ == "__main__":
    sys.exit(main())
