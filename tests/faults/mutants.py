"""Takes rules out of the product, one at a time, and shows that the test which guards the rule fails: on demand.

    python -m tests.faults.mutants [WORD ...]     those of `mutants.toml` whose rule, file, test or group bears a word

They are tried in a copy of the working tree, on servers of their own (or those of DATABASE_URL and REDIS_URL). First all of
the tests must succeed as the product is. A mutant whose text is no longer found, or of which nothing fails, is an error.
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
PATIENCE = 240
"""Seconds; what takes longer than that without its rule has failed, too."""
FAILED = 1
"""pytest's status where tests ran and some of them failed."""
ORDINARY = {
    "ONRAMP_DEMO": "1",
    "PORTAL_URL": "http://127.0.0.1:8800",
    "SECRET_KEY": "only for the tests: 0123456789012345678901234567890123456789",
}


@dataclass(frozen=True)
class Mutant:
    group: int
    rule: str
    file: str
    old: str
    new: str
    test: str

    def bears(self, words: Sequence[str]) -> bool:
        said = f"{self.rule} {self.file} {self.test}".lower()
        return not words or any(word == str(self.group) or word.lower() in said for word in words)


def mutants() -> list[Mutant]:
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["mutant"]
    return [Mutant(**row) for row in rows]


def copy(target: Path) -> None:
    """The working tree as it stands: what is committed, and what is new or changed."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def run(folder: Path, tests: Sequence[str], servers: Mapping[str, str], patience: float) -> int:
    """pytest's status; FAILED where it does not end."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = os.environ | ORDINARY | dict(servers) | {"PYTHONPATH": str(folder)}
    with (
        (folder / "said.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            process.terminate()
            return FAILED


def judged(mutant: Mutant, folder: Path, servers: Mapping[str, str]) -> str:
    """ "caught", or what is wrong."""
    path = folder / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
        return f"its text stands {text.count(mutant.old)} times in {mutant.file}"
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        status = run(folder, [mutant.test], servers, PATIENCE)
    finally:
        path.write_text(text)
    return "caught" if status == FAILED else f"not caught (status {status})"


def main(words: Sequence[str]) -> int:
    chosen = [one for one in mutants() if one.bears(words)]
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    with (
        tempfile.TemporaryDirectory() as name,
        nullcontext(given) if len(given) == 2 else services.temporary() as servers,
    ):
        folder = Path(name)
        copy(folder)
        if run(folder, sorted({one.test for one in chosen}), servers, 10 * PATIENCE):
            say((folder / "said.log").read_text()[-4000:])
            say("The tests do not succeed as the product is.")
            return 1
        found = [(one, judged_aloud(one, folder, servers)) for one in chosen]
    escaped = [one for one, verdict in found if verdict != "caught"]
    say(f"{len(found) - len(escaped)} of {len(found)} caught")
    return 1 if escaped else 0


def judged_aloud(mutant: Mutant, folder: Path, servers: Mapping[str, str]) -> str:
    began = time.monotonic()
    verdict = judged(mutant, folder, servers)
    say(f"{mutant.group:>2}  {mutant.rule:<72} {verdict:<10} {time.monotonic() - began:4.0f} s  {mutant.test}")
    return verdict


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
