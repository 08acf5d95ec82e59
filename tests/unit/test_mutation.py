"""The search for unguarded conditions notices what a test guards, and says what none does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.mutants import mutants_of

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = """
def size(names, most=3):
    for name in names:
        if not name or len(name) > 80:
            raise ValueError(name)
    try:
        return [len(name) for name in names if name != "x"][most - 1]
    except IndexError:
        return 0 if most > 1 else None


class Box:
    def is_open(self, lid):
        return lid != "closed"
"""
GUARDS = """
from product import Box, size


def test_a_short_list_has_no_size():
    assert size(["a"]) == 0


def test_a_box_is_open_until_it_is_closed():
    assert Box().is_open("ajar")
"""


@pytest.fixture
def product(tmp_path: Path) -> Path:
    path = tmp_path / "product.py"
    path.write_text(PRODUCT)
    return path


def test_each_condition_loop_and_handler_is_changed(product: Path) -> None:
    assert sorted(mutant.name for mutant in mutants_of(product, "product.py")) == [
        "product.py:14 return not (lid != 'closed')",
        "product.py:3 skips the loop over names",
        "product.py:4 and ↔ or in not name or len(name) > 80",
        "product.py:4 not (not name or len(name) > 80)",
        "product.py:7 not (name != 'x')",
        "product.py:8 does not catch IndexError",
        "product.py:9 not (most > 1)",
    ]


def test_a_mutant_changes_its_function_and_no_other(product: Path) -> None:
    changed = {name for mutant in mutants_of(product, "product.py") for _, name, _ in mutant.codes}
    assert changed == {"size", "size.<locals>.<listcomp>", "Box.is_open", "Box"}, "a class has the code of its methods"


def test_what_the_tests_guard_is_noticed_and_the_rest_is_not(product: Path) -> None:
    report = product.with_name("report.jsonl")
    product.with_name("test_guards.py").write_text(GUARDS)
    mutation = {"files": [str(product)], "report": str(report), "most": 20}
    environment = os.environ | {
        "MUTATION": json.dumps(mutation),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(product.parent)]),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(product.parent)]
    command += ["-p", "tests.mutation.plugin", "-p", "no:cacheprovider", "-p", "no:django", str(product.parent)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    noticed: dict[str, str] = {}
    for line in report.read_text().splitlines():
        entry = json.loads(line)
        noticed[entry["mutant"].partition(" ")[2]] = entry["test"] or noticed.get(entry["mutant"].partition(" ")[2], "")
    assert {mutant for mutant, test in noticed.items() if not test} == {
        "skips the loop over names",
        "and ↔ or in not name or len(name) > 80",
        "not (name != 'x')",
    }
    assert noticed["return not (lid != 'closed')"].endswith("test_guards.py::test_a_box_is_open_until_it_is_closed")
