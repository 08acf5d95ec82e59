"""The short run, as part of all checks: it replays every regression, then searches for half a minute."""

import subprocess
import sys

import pytest

from tests.fuzz import instrumented


def fuzz(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tests.fuzz", *options], capture_output=True, text=True, check=False)


def test_every_regression_keeps_its_promise() -> None:
    done = fuzz("--replay")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"


@pytest.mark.skipif(not instrumented.AVAILABLE, reason="Atheris, which searches, exists for Linux on x86-64 only")
def test_a_short_search_finds_nothing() -> None:
    done = fuzz()
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    assert " 0 inputs" not in done.stdout, done.stdout


def test_an_unknown_parser_is_refused() -> None:
    done = fuzz("--parser", "horoscopes")
    assert done.returncode == 2
    assert "repositories" in done.stderr
