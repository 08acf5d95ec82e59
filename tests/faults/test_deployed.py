"""A deployment: workers of the old and of the new code carry the same runs."""

import os
from pathlib import Path

import pytest

from onboarding.engine import points, registry, work
from onboarding.engine.points import Point
from onboarding.models import Step
from tests.faults import shelf
from tests.faults.workers import forget_connections, until, working


@pytest.mark.fault(3, "old and new code side by side", "a step renamed under live runs")
def test_what_the_old_code_does_not_know_the_new_code_does(
    committed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first of two workers is of the code before the step “after” had its name."""
    monkeypatch.setattr(work, "STRANGE", 0.1)
    old, settled = tmp_path / "old", tmp_path / "settled"
    settled.touch()

    def note(point: Point, step: Step) -> None:
        if point is Point.SETTLED:
            with settled.open("a") as file:
                file.write(f"{os.getpid()} {step.name} {step.state}\n")

    def prepare() -> None:
        points.on_reached(note)
        try:
            old.touch(exist_ok=False)
        except FileExistsError:
            return
        old.write_text(str(os.getpid()))
        del registry._kinds[shelf.KIND, "after"]

    with shelf.standing() as outside:
        runs = [shelf.begin() for _ in range(20)]
        forget_connections()
        with working(2, prepare) as workers:
            workers.tend()
            until(lambda: shelf.all_done(runs), "all to end")
            workers.tend()
        shelf.once_each(outside, runs)
    lines = {line.removeprefix(f"{old.read_text()} ") for line in settled.read_text().splitlines()}
    assert "put done" in lines, "the old one worked"
    assert "after waiting" in lines, "and left alone what it does not know"
    assert "after done" not in lines
