"""The protocol of an effect, model-checked by Spin: it holds, and none of its rules can be left out."""

import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).with_name("effect.pml")


def check(folder: Path, *defines: str) -> str:
    """What the verifier says of the model with these defines: every state that two workers and time can reach."""
    (folder / MODEL.name).write_text(MODEL.read_text())
    for command in (
        ["spin", "-a", *(f"-D{name}" for name in defines), MODEL.name],
        ["cc", "-O2", "-w", "-DSAFETY", "-DMEMLIM=4000", "-o", "pan", "pan.c"],
        ["./pan", "-m1000000"],
    ):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def test_never_twice_and_never_zero(tmp_path: Path) -> None:
    said = check(tmp_path)
    assert "errors: 0" in said
    assert "search not completed" not in said


@pytest.mark.parametrize("rule", ["NO_SETTLE", "LOOK_BEFORE_CLOCK", "NO_BOUND", "NO_FENCE"])
def test_without_one_of_its_rules_there_are_two(tmp_path: Path, rule: str) -> None:
    assert "assertion violated (made==1)" in check(tmp_path, rule)
