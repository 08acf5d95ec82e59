"""A short chaos run; `bin/test chaos --seed N` runs a whole round."""

import subprocess
import sys
from collections import Counter

from tests.chaos import sequence

SHORT = ("--runs", "3", "--faults", "11")


def test_three_runs_survive_the_beginning_of_a_sequence() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.chaos", *SHORT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"


def test_a_seed_always_generates_the_same_sequence() -> None:
    assert sequence.generate(7, 60) == sequence.generate(7, 60)
    assert sequence.generate(7, 20) == sequence.generate(7, 60)[:20]
    assert sequence.generate(7, 20) != sequence.generate(8, 20)


def test_a_round_has_every_kind_of_fault() -> None:
    kinds = Counter(fault.kind for fault in sequence.generate(1, 66))
    assert len(kinds) == 18
    assert min(kinds.values()) >= 3
