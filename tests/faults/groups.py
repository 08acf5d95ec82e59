"""The faults that the product must survive, by group, and the tests that show it.

A test with the mark `@pytest.mark.fault(7, "no beat")` shows what holds after that fault.
`python -m tests.faults.groups` prints the whole table; `test_groups.py` refuses a fault without a test.
"""

import ast
import functools
import sys
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

GROUPS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("kill -9", ("of a worker group", "of one child", "at every failpoint")),
    2: ("SIGSTOP for two leases, then SIGCONT", ("before the call", "after the call", "before the result is written")),
    3: ("a deployment", ("SIGTERM", "old and new code side by side", "a step renamed under live runs")),
    4: (
        "the broker",
        (
            "down",
            "frozen",
            "killed with notifications queued",
            "flushed",
            "notifications duplicated",
            "notifications reordered",
            "notifications delayed",
        ),
    ),
    5: (
        "concurrency",
        ("two clicks", "two people", "the API repeated with the same key", "two workers claiming at once"),
    ),
    6: (
        "PostgreSQL",
        (
            "restart -m immediate",
            "all connections cut",
            "a commit that succeeded while the client saw an error",
            "deadlock",
            "serialization failure",
        ),
    ),
    7: (
        "the sweep",
        ("no beat", "two beats", "a row that the sweep cannot read", "a run that stopped through a fault of ours"),
    ),
    8: (
        "a clock an hour off on one worker",
        ("leases and waits", "a provider's rate limit", "the length of an outage"),
    ),
    9: (
        "a provider",
        (
            "5xx before doing it",
            "did it and then 500",
            "did it and then time-out",
            "did it and then reset",
            "429 with retry-after",
            "429 without retry-after",
            "403 with retry-after",
            "403 without retry-after",
            "half a body",
            "invalid JSON",
            "redirect loop",
            "slow drip",
            "black hole",
            "DNS error",
            "TLS error",
            "token expired in the middle",
        ),
    ),
    10: (
        "a person",
        (
            "closes the pull request",
            "deletes the branch",
            "force-pushes the branch",
            "deletes the ticket",
            "moves the ticket",
            "re-opens the ticket",
        ),
    ),
    11: ("a webhook", ("lost", "twice", "out of order", "before the wait is stored", "forged", "replayed")),
    12: ("the cluster", ("409 by a stranger", "409 by ourselves", "quota 403", "410 for a stale list")),
    13: ("a poison step that kills its worker", ("stops after repeated crashes", "others unaffected")),
    14: ("cancelled in the middle of a call", ("the late result is fenced", "the object is recorded for clean-up")),
    15: ("volume and duration", ("a wait of thirty days", "10,000 waiting runs")),
    16: ("PostgreSQL refuses writes", ("disk full", "read-only database")),
}
"""Number → (title, items)."""


@functools.cache
def marked() -> dict[tuple[int, str], list[str]]:
    """(group, item) → the tests that have this mark. The tests are parsed and not run."""
    tests: dict[tuple[int, str], list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for test in ast.parse(path.read_text()).body:
            if isinstance(test, ast.FunctionDef):
                for group, item in _marks(test):
                    tests[group, item].append(f"{path.relative_to(TESTS.parent)}::{test.name}")
    return dict(tests)


def _marks(test: ast.FunctionDef) -> list[tuple[int, str]]:
    """(group, item) of its marks, including those of single cases of `parametrize`."""
    marks = []
    for decorator in test.decorator_list:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fault":
                group, *items = (ast.literal_eval(argument) for argument in node.args)
                marks += [(group, item) for item in items]
    return marks


def table() -> str:
    """Every group with its items and their tests, as text."""
    tests, lines = marked(), []
    for number, (title, items) in GROUPS.items():
        lines.append(f"{number}. {title}")
        for item in items:
            lines.append(f"   {item}")
            lines += [f"      {test}" for test in tests.get((number, item), ["no test"])]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
