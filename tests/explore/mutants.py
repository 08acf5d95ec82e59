"""Removes rules from the engine, one at a time, and shows that the explorer finds a schedule that needs the rule.

    python -m tests.explore.mutants [WORD ...]     those whose rule or file contains a word

Each is tried in a copy of the working tree, against the server of DATABASE_URL or one of its own. A mutant is an error if
its text is no longer in its file, or if so many schedules break nothing, or something else.
"""

import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from portal.embedded import services
from tests.faults.mutants import SETTINGS, copy_tree

SEED = "1"
FOUND = 1


@dataclass(frozen=True)
class Mutant:
    """Replacing `old` by `new` in `file` removes `rule`; a schedule must then break it, in the words of `finds`."""

    rule: str
    file: str
    old: str
    new: str
    setup: str
    finds: str
    schedules: int


def mutants(words: Sequence[str]) -> list[Mutant]:
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["mutant"]
    every = [Mutant(**row) for row in rows]
    return [mutant for mutant in every if not words or any(word in f"{mutant.rule} {mutant.file}" for word in words)]


def main(words: Sequence[str]) -> int:
    configured = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    with nullcontext(configured) if len(configured) == 2 else services.temporary() as servers:
        verdicts = [verdict(mutant, servers) for mutant in mutants(words)]
    return 0 if all(verdicts) else 1


def verdict(mutant: Mutant, servers: Mapping[str, str]) -> bool:
    """Whether the explorer finds it; prints how long that takes."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_tree(folder)
        path = folder / mutant.file
        text = path.read_text() if path.exists() else ""
        if text.count(mutant.old) != 1:
            write(f"{mutant.rule}: its text occurs {text.count(mutant.old)} times in {mutant.file}")
            return False
        path.write_text(text.replace(mutant.old, mutant.new))
        status, output = explore(folder, mutant, servers)
    is_found = status == FOUND and mutant.finds in output
    lines = [line for line in output.splitlines() if "breaks an invariant" in line or line.startswith("violated")]
    write(f"{mutant.rule}: {'found' if is_found else f'not found (status {status})'}, {time.monotonic() - began:.0f} s")
    write("\n".join(f"    {line}" for line in lines) if is_found else output[-4000:])
    return is_found


def explore(folder: Path, mutant: Mutant, servers: Mapping[str, str]) -> tuple[int, str]:
    """The explorer's status and output."""
    command = [sys.executable, "-B", "-m", "tests.explore", "--seed", SEED, "--schedules", str(mutant.schedules)]
    environment = os.environ | SETTINGS | dict(servers) | {"PYTHONPATH": str(folder)}
    options = ["--no-shrink", "--setup", mutant.setup, "--until", mutant.finds]
    done = subprocess.run(
        [*command, *options], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr[-2000:]


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
