"""Onramp's own share of the time from click to verification, with many onboardings at once.

The real web process and Celery workers run with the product's own leases and intervals, against a sandbox that answers
every call late and loses some webhooks. Runs are started through the API, all at once or a limited number at a time;
people merge as soon as they are asked to.

Not ours is the time in which people must act (from the execution that asks them until the merge), in which a workflow
runs at the source host, or in which a provider answers a call (the spans in the run's trace). All other time is ours:
executing steps, the database, throttling, waiting for a worker, and waiting for a webhook that was lost.
GitHub's times are to the second, so each build may be off by up to one second. Nothing notifies the verification of the
sample and the log line it waits for: it checks every few seconds, and that time counts as ours.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.crowd import setup
from bench.crowd.collector import DELAY
from bench.crowd.times import percentile

if TYPE_CHECKING:
    from bench.crowd.people import People
    from bench.crowd.shares import Share
    from tests.chaos.surroundings import Surroundings

GOAL = 30.0
TOP = 10


def arguments() -> argparse.Namespace:
    parser = setup.parser("bench/journey", __doc__, runs=100)
    parser.add_argument(
        "--lost", type=float, default=0.1, help="share of webhooks that never arrive (default: %(default)s)"
    )
    parser.add_argument(
        "--poll",
        type=float,
        default=float(setup.INTERVALS["PORTAL_POLL_SECONDS"]),
        help="seconds until a wait is checked without a webhook (default: the product's, %(default)g)",
    )
    parser.add_argument(
        "--spacing", type=float, default=0.0, help="seconds between two changes at GitHub (default: none)"
    )
    parser.add_argument(
        "--together", type=int, help="onboardings in progress at a time; each that ends starts another (default: all)"
    )
    return parser.parse_args()


def main() -> int:
    options = arguments()
    environment = {"PORTAL_POLL_SECONDS": f"{options.poll:g}", "PORTAL_SOURCE_GITHUB_SPACING": f"{options.spacing:g}"}
    with setup.running(options, environment) as (surroundings, collector):
        # Importable only now that Django is set up.
        from bench.crowd import people, shares  # noqa: PLC0415
        from tests.chaos.people import TEAMS  # noqa: PLC0415

        logins = list(TEAMS)
        everybody = people.gather(surroundings, [logins[number % len(logins)] for number in range(options.runs)])
        setup.delay(surroundings, options.delay)
        if options.lost:
            surroundings.sandbox.fault("webhook-dropped", "*", share=options.lost)
        _run_all(surroundings, everybody, options)
        load = os.getloadavg()
        surroundings.sandbox.behave()
        time.sleep(3 * DELAY)  # the last spans are on their way
        finished = [run for run in everybody.runs if run.run.state == "done"]
        measured = [shares.of(run, everybody, collector, options.poll) for run in finished]
        sent = surroundings.sandbox.requests(provider="webhook", limit="20000")
        lost = sum(request["fault"] == "webhook-dropped" for request in sent)
        sys.stdout.write(_report(options, measured, everybody, f"{lost} of {len(sent)} webhooks lost", load))
        surroundings.keep = len(measured) < options.runs
    return 1 if surroundings.keep else 0


def _run_all(surroundings: "Surroundings", everybody: "People", options: argparse.Namespace) -> None:
    """Until every run is verified or has stopped, or the patience is over."""
    from bench.crowd import people  # noqa: PLC0415

    deadline = time.monotonic() + options.patience
    remaining = list(everybody.plans)
    while everybody.finished() + len(everybody.stopped()) < options.runs and time.monotonic() < deadline:
        people.check_alive(surroundings)
        in_progress = len(everybody.runs) - everybody.finished() - len(everybody.stopped())
        free = max(0, (options.together or options.runs) - in_progress)
        batch, remaining = remaining[:free], remaining[free:]
        if batch:
            everybody.click(batch)
        everybody.move()
        time.sleep(people.TICK)
    for run in everybody.runs:
        run.run.refresh_from_db()


def _report(
    options: argparse.Namespace,
    measured: "list[Share]",
    everybody: "People",
    lost: str,
    load: tuple[float, float, float],
) -> str:
    lines = [
        f"{options.runs} onboardings, {options.together or options.runs} at a time, every call delayed by {options.delay:g} s, {lost}; "
        f"a wait is checked after {options.poll:g} s; {options.workers} × {options.processes} worker processes",
        f"  {len(measured)} of {options.runs} were verified; load {load[0]:.1f} (1 min) {load[1]:.1f} (5 min) on "
        f"{os.cpu_count()} cores, shared with the sandbox's builds and applications",
        *(f"  stopped: {step}" for step in everybody.stopped()),
    ]
    if not measured:
        return "\n".join(lines) + "\n"
    clicks = everybody.answers
    lines += [
        f"  {'seconds':32}{'p50':>9}{'p95':>9}",
        _row("from click to verification", measured, lambda share: share.whole),
        _row("  people", measured, lambda share: share.people),
        _row("  builds", measured, lambda share: share.builds),
        _row("  calls to providers", measured, lambda share: share.calls),
        _row("  Onramp's own share", measured, lambda share: share.own_time)
        + f"   goal p95 ≤ {GOAL:g} s: {_verdict(measured)}",
        f"  {'before: the answer to the click':32}{percentile(clicks, 50):9.1f}{percentile(clicks, 95):9.1f}",
        "",
        *_breakdown(measured, options.poll),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, measured: "list[Share]", seconds: "Callable[[Share], float]") -> str:
    values = [seconds(share) for share in measured]
    return f"  {name:32}{percentile(values, 50):9.1f}{percentile(values, 95):9.1f}"


def _verdict(measured: "list[Share]") -> str:
    return "met" if percentile([share.own_time for share in measured], 95) <= GOAL else "MISSED"


def _breakdown(measured: "list[Share]", poll: float) -> list[str]:
    """The parts of the own share, largest first, and how often polling had to replace a webhook."""
    parts: dict[str, list[float]] = defaultdict(list)
    for share in measured:
        for part in share.parts:
            parts[part.why].append(part.seconds)
    total = sum(share.own_time for share in measured)
    polled = [sum(part.polled for part in share.parts) for share in measured]
    executions = sum(share.executions for share in measured) / len(measured)
    lines = [f"Own share, {total / len(measured):.1f} s per run on average in {executions:.0f} executions:"]
    for why, seconds in sorted(parts.items(), key=lambda item: -sum(item[1]))[:TOP]:
        mean, percent = sum(seconds) / len(measured), sum(seconds) / total
        lines.append(f"  {mean:7.2f} s {percent:5.0%}  {why} ({len(seconds)} times, {max(seconds):.1f} s at most)")
    ended = f"{sum(polled)} waits ended by polling after {poll:g} s, without a webhook, in {sum(map(bool, polled))}"
    return [*lines, f"  {ended} of {len(measured)} runs"]


if __name__ == "__main__":
    sys.exit(main())
