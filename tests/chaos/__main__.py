"""The chaos run: 40 onboardings at once while everything below and outside them breaks, again and again.

A round has a seed, which decides which faults strike and in which order. Without --minutes there is one round; with it,
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
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="start new rounds for this long (default: one round)"
    )
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first round (default: the time)")
    parser.add_argument("--runs", type=int, default=RUNS, help="onboardings at once (default: %(default)s)")
    parser.add_argument("--faults", type=int, default=FAULTS, help="at most, in one round (default: %(default)s)")
    return parser.parse_args()


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    deadline = time.monotonic() + options.minutes * 60
    results: list[dict[str, Any]] = []
    seed = options.seed
    while not results or time.monotonic() < deadline:
        write(f"seed {seed}: {options.runs} runs")
        results.append(_round(seed, options.runs, options.faults))
        write(table(results))
        seed += 1
    return 1 if any(result["violations"] for result in results) else 0


def _round(seed: int, runs: int, length: int) -> dict[str, Any]:
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.chaos.round", *map(str, (seed, runs, length))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = process.communicate()[0].splitlines()
        except BaseException:
            process.terminate()  # it ends the processes that it started
            raise
    if process.returncode not in (0, 1) or not lines or not lines[-1].startswith("{"):
        result: dict[str, Any] = {"seed": seed, "runs": runs, "finished": 0, "faults": {}, "crashes": 0}
        result |= {"duplicates": 0, "seconds": 0.0, "violations": [f"the round itself ended with {process.returncode}"]}
    else:
        result = dict(json.loads(lines[-1]))
    result["total_seconds"] = time.monotonic() - began
    if result["violations"]:
        write(f"seed {seed} met these faults:")
        faults = sequence.generate(seed, sum(result["faults"].values()) or length)
        write("\n".join(f"  {fault}" for fault in faults))
        write("and these invariants do not hold:")
        write("\n".join(f"  {violation}" for violation in result["violations"]))
    return result


def table(results: list[dict[str, Any]]) -> str:
    """A line per seed, and the faults of all seeds together."""
    lines = ["seed         finished  faults  crashes  duplicates  violations  seconds (with preparation)"]
    for result in results:
        finished = f"{result['finished']}/{result['runs']}"
        lines.append(
            f"{result['seed']:<12} {finished:>8} {sum(result['faults'].values()):>7} {result['crashes']:>8} "
            f"{result['duplicates']:>11} {len(result['violations']):>11} {result['seconds']:>8.0f} "
            f"({result['total_seconds']:.0f})"
        )
    counts: dict[str, int] = {}
    for result in results:
        for kind, count in result["faults"].items():
            counts[kind] = counts.get(kind, 0) + int(count)
    lines.append("faults: " + ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    finished_runs, duplicates = (sum(result[key] for result in results) for key in ("finished", "duplicates"))
    lines.append(f"in total: {finished_runs} runs finished, {duplicates} duplicates")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
