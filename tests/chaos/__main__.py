"""The chaos run: 40 onboardings at once while everything below and outside of them breaks, again and again.

A round is a seed: it decides which faults strike and in which order. Without --minutes there is one round; with it,
rounds with the seeds N, N+1, … follow each other until the time is up.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from typing import Any

from tests.chaos import sequence

RUNS, FAULTS = 40, 66


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/test chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=0.0, help="begin rounds for so long (default: one round)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first round (default: the time)")
    parser.add_argument("--runs", type=int, default=RUNS, help="onboardings at once (default: %(default)s)")
    parser.add_argument("--faults", type=int, default=FAULTS, help="at most, in one round (default: %(default)s)")
    return parser.parse_args()


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> int:
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    until = time.monotonic() + given.minutes * 60
    results: list[dict[str, Any]] = []
    seed = given.seed
    while not results or time.monotonic() < until:
        say(f"seed {seed}: {given.runs} runs")
        results.append(_round(seed, given.runs, given.faults))
        say(table(results))
        seed += 1
    return 1 if any(one["wrong"] for one in results) else 0


def _round(seed: int, runs: int, length: int) -> dict[str, Any]:
    began = time.monotonic()
    words = [sys.executable, "-m", "tests.chaos.round", *map(str, (seed, runs, length))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as done:
        try:
            lines = done.communicate()[0].splitlines()
        except BaseException:
            done.terminate()  # it puts away what it started
            raise
    if done.returncode not in (0, 1) or not lines or not lines[-1].startswith("{"):
        result: dict[str, Any] = {"seed": seed, "runs": runs, "finished": 0, "faults": {}, "losses": 0, "doubles": 0}
        result |= {"seconds": 0.0, "wrong": [f"the round itself ended with {done.returncode}"]}
    else:
        result = dict(json.loads(lines[-1]))
    result["whole"] = time.monotonic() - began
    if result["wrong"]:
        say(f"seed {seed} met:")
        say("\n".join(f"  {fault}" for fault in sequence.of(seed, sum(result["faults"].values()) or length)))
        say("and this does not hold:")
        say("\n".join(f"  {one}" for one in result["wrong"]))
    return result


def table(results: list[dict[str, Any]]) -> str:
    """A line per seed, and what struck in all of them together."""
    lines = ["seed         finished  faults  steps lost  doubles  wrong  seconds (with preparing)"]
    for one in results:
        finished = f"{one['finished']}/{one['runs']}"
        lines.append(
            f"{one['seed']:<12} {finished:>8} {sum(one['faults'].values()):>7} {one['losses']:>11} {one['doubles']:>8} "
            f"{len(one['wrong']):>6} {one['seconds']:>8.0f} ({one['whole']:.0f})"
        )
    struck: dict[str, int] = {}
    for one in results:
        for kind, count in one["faults"].items():
            struck[kind] = struck.get(kind, 0) + int(count)
    lines.append("faults: " + ", ".join(f"{kind} {count}" for kind, count in sorted(struck.items())))
    lines.append(
        f"together: {sum(one['finished'] for one in results)} runs finished, {sum(one['doubles'] for one in results)} doubles"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
