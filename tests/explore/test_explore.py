"""A short exploration, and the schedules that once broke the engine. `bin/test explore --minutes N` explores for longer."""

import subprocess
import sys
from pathlib import Path

FOUND = sorted((Path(__file__).parent / "found").glob("*.txt"))
"""Written as the explorer prints them; each says what it broke."""


def explore(*options: str) -> tuple[int, str]:
    """Its exit status and what it wrote. It has a process of its own, whose clock, threads and database nobody shares."""
    command = [sys.executable, "-m", "tests.explore", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr[-4000:]


def test_no_schedule_of_a_short_exploration_breaks_an_invariant() -> None:
    status, output = explore()
    assert status == 0, output


def test_the_schedules_that_once_broke_the_engine_break_it_no_more() -> None:
    status, output = explore("--replay", *map(str, FOUND))
    assert status == 0, output


def test_a_seed_always_gives_the_same_schedule() -> None:
    assert explore("--seed", "5", "--schedule", "3") == explore("--seed", "5", "--schedule", "3")
