"""Many onboardings started at once, until every pull request is open: how close that comes to GitHub's throttle.

The real web process and Celery workers run against a quiet sandbox: no pipelines, no applications, no webhooks. One team
starts all of them; when half of its pull requests are open, a person of another team starts one.

Changes at GitHub are made one at a time, and each begins no earlier than `--spacing` after the one before it began. The
minimum is therefore the number of changes times the spacing, or times their mean duration where that is longer. The other
team's run comes next each time it is ready: no more than two changes, as many as one effect has, begin before its own.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.crowd import fairness, memory, setup
from bench.crowd.collector import DELAY, Collector, Span
from bench.crowd.times import Interval, length, mean, percentile, within

if TYPE_CHECKING:
    from bench.crowd.memory import Memory
    from bench.crowd.people import People
    from onboarding.models import Onboarding
    from tests.chaos.surroundings import Surroundings

GOAL = 0.8
"""Minimum time divided by the measured time."""
CAMPAIGNER, OTHER = "alice", "charlie"
"""The person who starts the campaign, and one of another team who starts a run in the middle of it."""
PROVIDER = "github"
MAX_OVERTAKEN = 2
"""Changes of others between the moment that the other team's run is ready and its own change."""
PARTS = 10
FLAT = 0.05


def arguments() -> argparse.Namespace:
    parser = setup.parser("bench/campaign", __doc__, runs=200)
    parser.add_argument(
        "--spacing", type=float, default=1.0, help="seconds between two changes at GitHub (default: %(default)g)"
    )
    parser.add_argument(
        "--only-source", action="store_true", help="delay the calls to GitHub only; the other providers answer at once"
    )
    options = parser.parse_args()
    if options.spacing <= 0:
        parser.error("--spacing must be more than 0: without it changes at GitHub are not throttled")
    return options


@dataclass(frozen=True)
class Campaign:
    wall: float
    """Seconds from the first start to the last open pull request."""
    opened: list[float]
    """Seconds from each click to its open pull request."""
    other: float | None
    """Seconds of the other team's run; None where its pull request was not opened."""
    overtaken: list[int]
    """For each change of the other team's run: the changes of others that began once it was ready."""
    changes: list[Span]
    """In their order."""
    executions: list[Span]
    first: float
    """Seconds from the first start to the first change."""
    paused: list[tuple[str, str, int]]
    """(step, message of the attempt, count)."""


def main() -> int:
    options = arguments()
    environment = {"PORTAL_SOURCE_GITHUB_SPACING": f"{options.spacing:g}"}
    with setup.running(options, environment, background=False) as (surroundings, collector):
        # Importable only now that Django is set up.
        from bench.crowd import people  # noqa: PLC0415

        everybody = people.gather(surroundings, [CAMPAIGNER] * options.runs + [OTHER])
        setup.delay(surroundings, options.delay, setup.SOURCE if options.only_source else setup.ROUTES)
        with memory.sampling([surroundings.web, *surroundings.workers]) as samples:
            everybody.click(everybody.plans[: options.runs])
            _run_all(surroundings, everybody, options)
            load = os.getloadavg()
        time.sleep(3 * DELAY)  # the last spans are on their way
        campaign = _measure(everybody, collector)
        sys.stdout.write(_report(options, campaign, samples, everybody, load))
        surroundings.keep = len(campaign.opened) < options.runs or campaign.other is None
    return 1 if surroundings.keep else 0


def _run_all(surroundings: "Surroundings", everybody: "People", options: argparse.Namespace) -> None:
    """Until every pull request is open, or the patience is over."""
    from bench.crowd import people  # noqa: PLC0415

    deadline = time.monotonic() + options.patience
    remaining = everybody.plans[options.runs :]
    while time.monotonic() < deadline:
        people.check_alive(surroundings)
        opened = len(_opened(everybody.runs))
        if remaining and opened * 2 >= options.runs:
            everybody.click(remaining)
            remaining = []
        elif not remaining and opened + len(everybody.stopped()) >= len(everybody.runs):
            return
        time.sleep(people.TICK)


def _opened(runs: "Iterable[Onboarding]") -> dict[object, float]:
    """Run → when its pull request was opened."""
    from engine.models import Step, StepState  # noqa: PLC0415

    done = Step.objects.filter(run__in=[run.pk for run in runs], name="pull_request", state=StepState.DONE)
    return {run: ended.timestamp() for run, ended in done.values_list("run_id", "ended_at") if ended}


def _measure(everybody: "People", collector: Collector) -> Campaign:
    from django.db.models import Count  # noqa: PLC0415

    from engine.models import Attempt  # noqa: PLC0415

    opened = _opened(everybody.runs)
    seconds = {run.pk: opened[run.pk] - run.run.created_at.timestamp() for run in everybody.runs if run.pk in opened}
    campaign = [run for run in everybody.runs if run.person.username == CAMPAIGNER]
    others = [seconds[run.pk] for run in everybody.runs if run.person.username == OTHER and run.pk in seconds]
    began = min(run.run.created_at.timestamp() for run in campaign)
    ended = max((opened[run.pk] for run in campaign if run.pk in opened), default=began)
    calls = sorted(collector.calls(PROVIDER), key=lambda span: span.begin)
    changes = [span for span in calls if span.is_change and span.begin <= ended]
    overtaken = [
        count for run in everybody.runs if run.person.username == OTHER for count in _overtaken(run, collector)
    ]
    failed = Attempt.objects.filter(outcome="failed").values_list("step__name", "message").annotate(count=Count("pk"))
    return Campaign(
        wall=ended - began,
        opened=[seconds[run.pk] for run in campaign if run.pk in seconds],
        other=max(others, default=None),
        overtaken=overtaken,
        changes=changes,
        executions=collector.executions(),
        first=changes[0].begin - began if changes else 0.0,
        paused=sorted(failed, key=lambda row: -row[2]),
    )


def _overtaken(run: "Onboarding", collector: Collector) -> list[int]:
    from bench.crowd import people  # noqa: PLC0415

    executions, calls = collector.of_run(people.trace(run), str(run.pk))
    calls = [call for call in calls if call.provider == PROVIDER]
    return fairness.overtaken(executions, calls, [call for call in collector.calls(PROVIDER) if call.is_change])


def _report(
    options: argparse.Namespace,
    campaign: Campaign,
    samples: "dict[str, Memory]",
    everybody: "People",
    load: tuple[float, float, float],
) -> str:
    durations = [span.end - span.begin for span in campaign.changes]
    mean_duration = mean(durations)
    minimum = len(durations) * max(options.spacing, mean_duration)
    strict = sum(max(options.spacing, duration) for duration in durations)
    long = sum(duration > options.spacing for duration in durations)
    other = "not opened" if campaign.other is None else f"{campaign.other:.1f} s after its click"
    met = "met" if minimum and campaign.wall <= minimum / GOAL else "MISSED"
    lines = [
        f"{options.runs} onboardings at once, {len(campaign.opened)} pull requests opened; "
        f"{options.workers} × {options.processes} worker processes",
        f"  load {load[0]:.1f} (1 min) {load[1]:.1f} (5 min) on {os.cpu_count()} cores, shared with the sandbox",
        *(f"  stopped: {step}" for step in everybody.stopped()),
        f"  from the first start to the last open pull request {campaign.wall:8.1f} s   the first change began after "
        f"{campaign.first:.1f} s",
        f"  minimum with the throttle                          {minimum:8.1f} s   {len(durations)} changes at GitHub, one at a "
        f"time, × max(spacing {options.spacing:g} s, mean duration {mean_duration:.2f} s)",
        f"    with the duration of each change                 {strict:8.1f} s   a change longer than the spacing delays the "
        f"next one: {long} were",
        f"  {minimum / campaign.wall if campaign.wall else 0:.0%} of the throttle's rate   goal ≥ {GOAL:.0%}: {met}",
        *_over_time(campaign),
        f"  the other team's pull request, started in the middle: {other}",
        _fair(campaign),
    ]
    if campaign.opened:
        median, longest = percentile(campaign.opened, 50), max(campaign.opened)
        lines += [f"    the campaign's: p50 {median:.1f} s, longest {longest:.1f} s"]
    return "\n".join([*lines, "", *_paused(campaign), "", *_memory(samples)]) + "\n"


def _over_time(campaign: Campaign) -> list[str]:
    """In ten parts of the time: how much of it the provider had a change in progress, and which steps kept the processes."""
    if not campaign.changes:
        return ["    no changes"]
    begin = campaign.changes[0].begin - campaign.first
    parts = [
        (begin + part * campaign.wall / PARTS, begin + (part + 1) * campaign.wall / PARTS) for part in range(PARTS)
    ]
    changes = [change.interval for change in campaign.changes]
    rows = {"with a change in progress": [f"{_mean_of(part, [changes]):.0%}" for part in parts]}
    for step in sorted({execution.step for execution in campaign.executions}):
        each = [[execution.interval] for execution in campaign.executions if execution.step == step]
        rows[f"processes at {step}"] = [f"{_mean_of(part, each):.1f}" for part in parts]
    return [f"    {name:28}" + " ".join(f"{value:>6}" for value in values) for name, values in rows.items()]


def _mean_of(part: Interval, several: list[list[Interval]]) -> float:
    """How many of these are in progress, on average over this part of the time."""
    return sum(length(within(part, intervals)) for intervals in several) / (part[1] - part[0])


def _fair(campaign: Campaign) -> str:
    if not campaign.overtaken:
        return "    it made no change"
    longest = max(campaign.overtaken)
    met = "met" if longest <= MAX_OVERTAKEN else "MISSED"
    return f"    changes of others before each of its own: {campaign.overtaken}   goal ≤ {MAX_OVERTAKEN}: {met}"


def _paused(campaign: Campaign) -> list[str]:
    lines = [f"  {count:6} {step}: {message}" for step, message, count in campaign.paused]
    return ["Attempts that ended in a pause, by step:", *(lines or ["  none"])]


def _memory(samples: "dict[str, Memory]") -> list[str]:
    lines = [
        f"Resident memory in MB, one sample every {memory.INTERVAL:g} s; pages shared by processes count for each of them:",
        f"  {'':10}{'samples':>9}{'2nd quarter':>13}{'last quarter':>14}{'growth':>9}",
    ]
    for name, program in samples.items():
        second, last = program.second / 1e6, program.last / 1e6
        lines.append(f"  {name:10}{len(program.samples):9}{second:13.0f}{last:14.0f}{program.growth:9.1%}")
    flat = abs(samples["all"].growth) <= FLAT
    return [*lines, f"  flat (±{FLAT:.0%}): {'met' if flat else 'MISSED'}"]


if __name__ == "__main__":
    sys.exit(main())
