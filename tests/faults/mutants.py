"""Removes rules from the product, one at a time, and shows that the test which guards the rule fails.

    python -m tests.faults.mutants [WORD ...]     those whose rule, file or test contains a word, or of these groups

The mutants of `mutants.toml` are tried on demand, in a copy of the working tree, with servers of their own (or with those
of DATABASE_URL and REDIS_URL). First, all chosen tests must pass with the product as it is. A mutant is an error if its
text is no longer in its file, or if its test does not catch it.
"""

import os
import shutil
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

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 240
"""Seconds; a test that takes longer without its rule counts as failed."""
FAILED = 1
"""pytest's status where tests ran and some of them failed."""
CAUGHT = "caught"
LOG = "mutants.log"
SETTINGS = {
    "ONRAMP_DEMO": "1",
    "PORTAL_URL": "http://127.0.0.1:8800",
    "SECRET_KEY": "only for the tests: 0123456789012345678901234567890123456789",
}


@dataclass(frozen=True)
class Mutant:
    """Replacing `old` by `new` in `file` removes `rule`; `test` must then fail."""

    group: int
    rule: str
    file: str
    old: str
    new: str
    test: str

    def matches(self, words: Sequence[str]) -> bool:
        text = f"{self.rule} {self.file} {self.test}".lower()
        return not words or any(word == str(self.group) or word.lower() in text for word in words)


def mutants() -> list[Mutant]:
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["mutant"]
    return [Mutant(**row) for row in rows]


def copy_tree(target: Path) -> None:
    """Copy the working tree: committed, changed and new files."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def run(folder: Path, tests: Sequence[str], servers: Mapping[str, str], seconds: float) -> int:
    """pytest's status; FAILED where it does not end within these seconds."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = os.environ | SETTINGS | dict(servers) | {"PYTHONPATH": str(folder)}
    with (
        (folder / LOG).open("wb") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.terminate()
            return FAILED


def verdict(mutant: Mutant, folder: Path, servers: Mapping[str, str]) -> str:
    """CAUGHT, or what is wrong."""
    path = folder / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
        return f"its text occurs {text.count(mutant.old)} times in {mutant.file}"
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        status = run(folder, [mutant.test], servers, TIMEOUT)
    finally:
        path.write_text(text)
    return CAUGHT if status == FAILED else f"not caught (status {status})"


def main(words: Sequence[str]) -> int:
    chosen = [mutant for mutant in mutants() if mutant.matches(words)]
    configured = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    with (
        tempfile.TemporaryDirectory() as name,
        nullcontext(configured) if len(configured) == 2 else services.temporary() as servers,
    ):
        folder = Path(name)
        copy_tree(folder)
        if run(folder, sorted({mutant.test for mutant in chosen}), servers, 10 * TIMEOUT):
            write((folder / LOG).read_text()[-4000:])
            write("The tests do not pass with the product as it is.")
            return 1
        verdicts = [reported_verdict(mutant, folder, servers) for mutant in chosen]
    write(f"{verdicts.count(CAUGHT)} of {len(verdicts)} caught")
    return 0 if set(verdicts) <= {CAUGHT} else 1


def reported_verdict(mutant: Mutant, folder: Path, servers: Mapping[str, str]) -> str:
    began = time.monotonic()
    result = verdict(mutant, folder, servers)
    write(f"{mutant.group:>2}  {mutant.rule:<72} {result:<10} {time.monotonic() - began:4.0f} s  {mutant.test}")
    return result


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
