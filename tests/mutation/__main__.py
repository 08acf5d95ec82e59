"""Changes the conditions of some files, one at a time, and lists those that no test notices.

Conditions are negated, `and` and `or` are swapped, exceptions are not caught, loops are left out. Each mutant meets the tests
that call its function, until one of them fails. What an earlier run has noted in the report is not tried again, so a second
run, with other tests, tries what was left. Mutants of SQL are written by hand: see `tests.faults.mutants`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

from portal.embedded import services
from tests.faults.mutants import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "engine",
    "onboarding/steps",
    "onboarding/blockers",
    "integrations/turns.py",
    "integrations/throttle.py",
    "integrations/exclusion.py",
)
TESTS = ("tests/engine", "tests/journey", "tests/reality")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", default=FILES, help=f"files or folders (default: {' '.join(FILES)})")
    parser.add_argument(
        "--tests", nargs="+", default=TESTS, metavar="PATH", help="each is a run of its own (default: %(default)s)"
    )
    parser.add_argument(
        "--most",
        type=int,
        default=20,
        help="tests that a mutant meets at most in one run, besides those in a file that is named after its own (default: %(default)s)",
    )
    parser.add_argument("--report", type=Path, default=Path("mutation.jsonl"), help="default: %(default)s")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    files = [str(path.relative_to(ROOT)) for name in options.files for path in _files(ROOT / name)]
    report = options.report.resolve()
    configured = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    with nullcontext(configured) if len(configured) == 2 else services.temporary() as servers:
        mutation = json.dumps({"files": files, "report": str(report), "most": options.most})
        unlimited = {"SANDBOX_GITHUB_LIMIT": "10000000"}  # a test runs hundreds of times
        environment = os.environ | SETTINGS | servers | unlimited | {"MUTATION": mutation}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutation.plugin", "-p", "no:cacheprovider"]
        for tests in options.tests:
            if subprocess.run([*command, tests], cwd=ROOT, env=environment, check=False).returncode:
                sys.stderr.write(
                    f"{tests} does not pass with the code as it is, so nothing is known about its mutants.\n"
                )
                return 2
    return _show(report, files)


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _show(report: Path, files: list[str]) -> int:
    """0 where every mutant was noticed."""
    noticed: dict[str, str] = {}
    for line in report.read_text().splitlines():
        entry = json.loads(line)
        noticed[entry["mutant"]] = entry["test"] or noticed.get(entry["mutant"], "")
    noticed = {mutant: test for mutant, test in noticed.items() if mutant.partition(":")[0] in files}
    left = sorted(mutant for mutant, test in noticed.items() if not test)
    rooms, all_rooms = Counter(map(_room, left)), Counter(map(_room, noticed))
    for room, count in sorted(all_rooms.items()):
        sys.stdout.write(f"{room:24} {count - rooms[room]:4} of {count:4} noticed\n")
    for mutant in left:
        sys.stdout.write(f"not noticed: {mutant}\n")
    share = (len(noticed) - len(left)) / max(1, len(noticed))
    sys.stdout.write(f"{len(noticed) - len(left)} of {len(noticed)} mutants noticed ({share:.0%})\n")
    return int(bool(left))


def _room(mutant: str) -> str:
    return mutant.partition(":")[0].rpartition("/")[0]


if __name__ == "__main__":
    sys.exit(main())
