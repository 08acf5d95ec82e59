"""A worker is stopped for two leases, and continues as if it still held the step."""

import logging
import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest

from engine import effects, failpoints, lease
from engine.failpoints import Failpoint
from engine.models import Step
from integrations import http
from tests.faults import fake_provider
from tests.faults.workers import forget_connections, wait_until, worker_processes

POINTS = [Failpoint.CLAIMED, Failpoint.INTENDED, Failpoint.CALLED, Failpoint.MADE, Failpoint.COMPLETING]
LEASE = 1.0


@pytest.mark.fault(2, "before the call", "after the call", "before the result is written")
def test_a_worker_that_was_stopped_for_two_leases_changes_nothing(
    committed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """There is one run per failpoint: the first worker that reaches it is stopped, and another executes the step."""
    monkeypatch.setattr(lease, "LEASE", timedelta(seconds=LEASE))
    monkeypatch.setattr(http, "TIMEOUT", 0.8 * LEASE)
    monkeypatch.setattr(effects, "VISIBLE_AFTER", timedelta(seconds=0.9 * LEASE))
    stopped, warnings = tmp_path / "stopped", tmp_path / "warnings"
    stopped.touch()
    warnings.touch()
    with fake_provider.serving() as provider:
        failpoint_of = {str(fake_provider.start_run().pk): point for point in POINTS}
        runs = [step.run for step in Step.objects.filter(name="create").select_related("run")]

        def stop(point: Failpoint, step: Step) -> None:
            run = str(step.run_id)
            if step.name == "create" and failpoint_of[run] is point and run not in stopped.read_text():
                with stopped.open("a") as file:
                    file.write(f"{os.getpid()} {run}\n")
                os.kill(os.getpid(), signal.SIGSTOP)

        def prepare() -> None:
            failpoints.subscribe(stop)
            logger = logging.getLogger("engine.execution")
            logger.addHandler(logging.FileHandler(warnings))

        forget_connections()
        with worker_processes(len(POINTS) + 1, prepare) as workers:
            workers.replace_dead()
            wait_until(lambda: len(stopped.read_text().splitlines()) == len(POINTS), "each failpoint to be reached")
            time.sleep(2 * LEASE)
            wait_until(lambda: fake_provider.all_done(runs), "others to do the work of the stopped workers")
            for line in stopped.read_text().splitlines():
                os.kill(int(line.split()[0]), signal.SIGCONT)
            wait_until(
                lambda: warnings.read_text().count("another worker holds it") == len(POINTS),
                "each of them to see that it lost the step",
            )
            workers.replace_dead()
        assert workers.deaths == 0
        fake_provider.assert_each_done_once(provider, runs)
