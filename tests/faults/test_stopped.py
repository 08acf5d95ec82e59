"""A worker is stopped for two leases and comes back believing that it still holds the step."""

import logging
import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest

from integrations import http
from onboarding.engine import effects, hold, points
from onboarding.engine.points import Point
from onboarding.models import Step
from tests.faults import shelf
from tests.faults.workers import forget_connections, until, working

POINTS = [Point.CLAIMED, Point.INTENDED, Point.CALLED, Point.MADE, Point.SETTLING]
LEASE = 1.0


@pytest.mark.fault(2, "before the call", "after the call", "before the result is written")
def test_who_was_stopped_for_two_leases_changes_nothing(
    committed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One run a point; the first worker that comes there with it is stopped, and another one does its work."""
    monkeypatch.setattr(hold, "LEASE", timedelta(seconds=LEASE))
    monkeypatch.setattr(http, "TIMEOUT", 0.8 * LEASE)
    monkeypatch.setattr(effects, "SETTLE", timedelta(seconds=0.9 * LEASE))
    stopped, lost = tmp_path / "stopped", tmp_path / "lost"
    stopped.touch()
    lost.touch()
    with shelf.standing() as outside:
        wanted = {str(shelf.begin().pk): point for point in POINTS}
        runs = [step.run for step in Step.objects.filter(name="put").select_related("run")]

        def stop(point: Point, step: Step) -> None:
            line = f"{os.getpid()} {step.run_id}\n"
            if step.name == "put" and wanted[str(step.run_id)] is point and str(step.run_id) not in stopped.read_text():
                with stopped.open("a") as file:
                    file.write(line)
                os.kill(os.getpid(), signal.SIGSTOP)

        def prepare() -> None:
            points.on_reached(stop)
            logger = logging.getLogger("onboarding.engine.work")
            logger.addHandler(logging.FileHandler(lost))

        forget_connections()
        with working(len(POINTS) + 1, prepare) as workers:
            workers.tend()
            until(lambda: len(stopped.read_text().splitlines()) == len(POINTS), "each point to be reached")
            time.sleep(2 * LEASE)
            until(lambda: shelf.all_done(runs), "others to do the work of those that are stopped")
            for line in stopped.read_text().splitlines():
                os.kill(int(line.split()[0]), signal.SIGCONT)
            until(lambda: lost.read_text().count("somebody else holds it") == len(POINTS), "each to see that it lost")
            workers.tend()
        assert workers.deaths == 0
        shelf.once_each(outside, runs)
