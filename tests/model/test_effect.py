"""The protocol of an effect, model-checked by Spin: it is correct, and needs each of its rules."""

import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).with_name("effect.pml")


def check(folder: Path, *defines: str) -> str:
    """The verifier's report on the model with these defines: on every state that two workers and time can reach."""
    (folder / MODEL.name).write_text(MODEL.read_text())
    for command in (
        ["spin", "-a", *(f"-D{name}" for name in defines), MODEL.name],
        ["cc", "-O2", "-w", "-DSAFETY", "-DMEMLIM=4000", "-o", "pan", "pan.c"],
        ["./pan", "-m1000000"],
    ):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def test_an_effect_exists_never_twice_and_never_zero_times(tmp_path: Path) -> None:
    report = check(tmp_path)
    assert "errors: 0" in report
    assert "search not completed" not in report


@pytest.mark.parametrize(
    "rule", ["NO_VISIBLE_AFTER", "FIND_BEFORE_CLOCK", "NO_DEADLINE", "NO_FENCE", "UNFENCED_REFUSAL"]
)
def test_without_one_of_its_rules_an_effect_exists_twice(tmp_path: Path, rule: str) -> None:
    assert "assertion violated (objects==1)" in check(tmp_path, rule)
