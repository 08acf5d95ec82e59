"""Durable steps a second with one and with several workers, in one run on one machine and one PostgreSQL.

Each system gets a database of its own, emptied for every round; the systems take turns within a round, and the median of the
rounds counts. A worker is a process. Every run is a chain of steps that do nothing, and each step is recorded before the
next begins. For this engine a lease, a fencing token, a journal of attempts and an event per step are on.

Then, through a real Celery worker: how soon a step that is ready runs, and plain Celery's jobs a second beside it. Last, what
10,000 waiting runs cost a sweep.
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


@dataclass(frozen=True)
class System:
    name: str
    python: Path
    module: str
    prepare: Callable[[str], None]


def _migrate(url: str) -> None:
    surroundings = os.environ | {
        "DATABASE_URL": url,
        "ONRAMP_DEMO": "1",
        "SECRET_KEY": "only for measuring: 0123456789012345678901234567",
        "REDIS_URL": "redis://unused",
    }
    _quietly([sys.executable, "manage.py", "migrate", "--verbosity", "0"], surroundings)


def _absurd_schema(url: str) -> None:
    _quietly([str(RIVALS / "absurdctl"), "init", "-d", url], dict(os.environ))


def _nothing(_url: str) -> None:
    """DBOS makes its tables when it is launched."""


def _quietly(command: list[str], surroundings: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout}{done.stderr}")


SYSTEMS = [
    System("Onramp", Path(sys.executable), "bench.durable.onramp_worker", _migrate),
    System("Absurd", RIVALS / "python", "bench.durable.absurd_worker", _absurd_schema),
    System("DBOS Transact", RIVALS / "python", "bench.durable.dbos_worker", _nothing),
]
AFTERWARDS = [
    System("Carried by Celery", Path(sys.executable), "bench.durable.carried", _nothing),
    System("A backlog", Path(sys.executable), "bench.durable.backlog", _nothing),
]


def fresh(url: str, system: System) -> str:
    """An empty database for one round; its address."""
    name = f"bench_{system.module.rpartition('.')[2]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    made = urlsplit(url)._replace(path=f"/{name}")
    system.prepare(urlunsplit(made))
    credentials, _, host = made.netloc.rpartition("@")
    if unquote(host).startswith("/"):  # a socket's folder, in the form that every client understands
        made = made._replace(netloc=f"{credentials}@", query=f"host={unquote(host)}")
    return urlunsplit(made)


def measured(url: str, system: System, workers: int, runs: int, steps: int) -> float:
    """Steps a second from the common start to the end of the slowest worker."""
    address = fresh(url, system)
    processes = []
    for number in range(workers):
        process = subprocess.Popen(
            [str(system.python), "-m", system.module, address, str(number)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        _say(process, f"{runs} {steps}")
        _hear(process, "ready")
    began = time.perf_counter()
    for process in processes:
        _say(process, "go")
    for process in processes:
        _hear(process, "took")
    took = time.perf_counter() - began
    for process in processes:
        if process.stdin and process.stdout:
            process.stdin.close()
            process.stdout.close()
        process.wait(60)
    return workers * runs * steps / took


def _say(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{words}\n")
    process.stdin.flush()


def _hear(process: "subprocess.Popen[str]", word: str) -> str:
    """The next line that begins with `word`; other lines are the systems' own talk."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            return line
    raise RuntimeError(f"{process.args!r} ended without saying {word}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/engine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4], help="how many (default: 1 4)")
    parser.add_argument("--runs", type=int, default=60, help="runs a worker and round (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=10, help="steps a run (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; their median counts (default: %(default)s)")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    url = os.environ["DATABASE_URL"]
    for workers in given.workers:
        found: dict[str, list[float]] = {system.name: [] for system in SYSTEMS}
        for _ in range(given.rounds):
            for system in SYSTEMS:
                found[system.name].append(measured(url, system, workers, given.runs, given.steps))
        sys.stdout.write(report(workers, found))
        sys.stdout.flush()
    failed = 0
    for one in AFTERWARDS:
        given_to = os.environ | {"DATABASE_URL": fresh(url, one)}
        failed |= subprocess.run([sys.executable, "-m", one.module], cwd=ROOT, env=given_to, check=False).returncode
    return failed


def report(workers: int, found: dict[str, list[float]]) -> str:
    middle = {name: statistics.median(rates) for name, rates in found.items()}
    ours = middle["Onramp"]
    goals = {"Absurd": 1.3, "DBOS Transact": 2.5}
    lines = [f"{workers} worker{'s' if workers > 1 else ''}: durable steps a second (median, least, most)"]
    for name, rates in found.items():
        line = f"  {name:14}{middle[name]:8.0f}{min(rates):8.0f}{max(rates):8.0f}"
        if name in goals:
            ratio = ours / middle[name]
            line += f"   Onramp is {ratio:.2f} times that (goal ≥ {goals[name]}: {'met' if ratio >= goals[name] else 'MISSED'})"
        lines.append(line)
    return "\n".join([*lines, f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", "", ""])


if __name__ == "__main__":
    sys.exit(main())
