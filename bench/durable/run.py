"""Durable steps a second, with one worker and with several, in one run on one machine and one PostgreSQL.

Each system gets its own database, emptied for every round. The systems alternate within a round, and the median of the
rounds' ratios counts: a machine that is shared with others is slower in some rounds. A worker is a process. Every run is a
chain of steps that do nothing, and each step is recorded before the next begins. This engine runs with its lease, fencing
token, attempts and an event per step.

After that, through a real Celery worker: how soon a ready step runs, and how many empty tasks plain Celery runs a second.
Last, what 10,000 waiting runs cost a sweep.

With --history N, only this engine is measured, with an empty database and with one that N finished runs have left behind, in
turns.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
RIVALS = ROOT / ".venv-rivals" / "bin"
GOAL_HISTORY = 0.9
"""Speed with many finished runs in the database, compared with an empty one."""


@dataclass(frozen=True)
class System:
    name: str
    python: Path
    module: str
    prepare: Callable[[str], None]


def _migrate(url: str) -> None:
    environment = os.environ | {
        "DATABASE_URL": url,
        "ONRAMP_DEMO": "1",
        "SECRET_KEY": "only for measuring: 0123456789012345678901234567",
        "REDIS_URL": "redis://unused",
    }
    _quietly([sys.executable, "manage.py", "migrate", "--verbosity", "0"], environment)


def _absurd_schema(url: str) -> None:
    _quietly([str(RIVALS / "absurdctl"), "init", "-d", url], dict(os.environ))


def _nothing(_url: str) -> None:
    """DBOS creates its tables at its launch."""


def _quietly(command: list[str], environment: dict[str, str]) -> None:
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise RuntimeError(f"{command} failed:\n{finished.stdout}{finished.stderr}")


SYSTEMS = [
    System("Onramp", Path(sys.executable), "bench.durable.onramp_worker", _migrate),
    System("Absurd", RIVALS / "python", "bench.durable.absurd_worker", _absurd_schema),
    System("DBOS Transact", RIVALS / "python", "bench.durable.dbos_worker", _nothing),
]
AFTERWARDS = [
    System("Celery", Path(sys.executable), "bench.durable.latency", _nothing),
    System("Backlog", Path(sys.executable), "bench.durable.backlog", _nothing),
]


def create_database(url: str, system: System, name: str = "") -> str:
    """An empty database for one round; returns its URL."""
    name = name or f"bench_{system.module.rpartition('.')[2]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(url)._replace(path=f"/{name}")
    system.prepare(urlunsplit(parts))
    credentials, _, host = parts.netloc.rpartition("@")
    if unquote(host).startswith("/"):  # a socket's folder, in the form that every client understands
        parts = parts._replace(netloc=f"{credentials}@", query=f"host={unquote(host)}")
    return urlunsplit(parts)


def measure(url: str, system: System, workers: int, runs: int, steps: int) -> float:
    """Steps a second from the common start to the end of the slowest worker."""
    return execute(create_database(url, system), system, workers, runs, steps)


def execute(database: str, system: System, workers: int, runs: int, steps: int) -> float:
    """The same in a database that exists."""
    processes = []
    for number in range(workers):
        process = subprocess.Popen(
            [str(system.python), "-m", system.module, database, str(number)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        _send(process, f"{runs} {steps}")
        _expect(process, "ready")
    began = time.perf_counter()
    for process in processes:
        _send(process, "go")
    for process in processes:
        _expect(process, "took")
    seconds = time.perf_counter() - began
    for process in processes:
        if process.stdin and process.stdout:
            process.stdin.close()
            process.stdout.close()
        process.wait(60)
    return workers * runs * steps / seconds


def _send(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _expect(process: "subprocess.Popen[str]", word: str) -> str:
    """The next line that begins with `word`; other lines are the systems' own output. Raises RuntimeError at the end."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            return line
    raise RuntimeError(f"{process.args!r} ended without writing {word}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/engine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--workers", type=int, nargs="+", default=[1, 4], help="numbers of workers to measure with (default: 1 4)"
    )
    parser.add_argument("--runs", type=int, default=60, help="runs per worker and round (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=10, help="steps per run (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; their median counts (default: %(default)s)")
    parser.add_argument(
        "--history",
        type=int,
        metavar="N",
        help="compare an empty database with one of N finished runs, and nothing else",
    )
    return parser.parse_args()


def main() -> int:
    options = arguments()
    url = os.environ["DATABASE_URL"]
    if options.history:
        return compare_with_history(url, options)
    for workers in options.workers:
        rates: dict[str, list[float]] = {system.name: [] for system in SYSTEMS}
        for _ in range(options.rounds):
            for system in SYSTEMS:
                rates[system.name].append(measure(url, system, workers, options.runs, options.steps))
        sys.stdout.write(report(workers, rates))
        sys.stdout.flush()
    failed = 0
    for system in AFTERWARDS:
        environment = os.environ | {"DATABASE_URL": create_database(url, system)}
        command = [str(system.python), "-m", system.module]
        failed |= subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    return failed


def compare_with_history(url: str, options: argparse.Namespace) -> int:
    """0 where the median of the ratios is within the goal, for each number of workers."""
    engine = SYSTEMS[0]
    behind = create_database(url, engine, "bench_history")
    environment = os.environ | {"DATABASE_URL": behind}
    subprocess.run(
        [sys.executable, "-m", "bench.ended.fill", str(options.history)], cwd=ROOT, env=environment, check=True
    )
    missed = 0
    for workers in options.workers:
        ratios = []
        for _ in range(options.rounds):
            empty = measure(url, engine, workers, options.runs, options.steps)
            full = execute(behind, engine, workers, options.runs, options.steps)
            ratios.append(full / empty)
            sys.stdout.write(f"  {workers} workers: {empty:8.0f} steps a second empty, {full:8.0f} with history\n")
        ratio = statistics.median(ratios)
        missed |= ratio < GOAL_HISTORY
        met = "MISSED" if ratio < GOAL_HISTORY else "met"
        sys.stdout.write(
            f"{workers} workers: {ratio:.2f} times as fast with {options.history:,} finished runs (goal ≥ {GOAL_HISTORY}: {met}; "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)\n"
        )
    return int(missed)


def report(workers: int, rates: dict[str, list[float]]) -> str:
    """`rates` are the steps a second of each round, by system."""
    medians = {name: statistics.median(values) for name, values in rates.items()}
    goals = {"Absurd": 1.3, "DBOS Transact": 2.5}
    lines = [f"{workers} worker{'s' if workers > 1 else ''}: durable steps a second (median, minimum, maximum)"]
    for name, values in rates.items():
        line = f"  {name:14}{medians[name]:8.0f}{min(values):8.0f}{max(values):8.0f}"
        if name in goals:
            ratio = statistics.median(ours / theirs for ours, theirs in zip(rates["Onramp"], values, strict=True))
            line += f"   Onramp is {ratio:.2f} times that (goal ≥ {goals[name]}: {'met' if ratio >= goals[name] else 'MISSED'})"
        lines.append(line)
    return "\n".join([*lines, f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", "", ""])


if __name__ == "__main__":
    sys.exit(main())
