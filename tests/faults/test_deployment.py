"""During a deployment, workers with the old and the new code execute the same runs."""

import os
from pathlib import Path

import pytest

from engine import failpoints, registry
from engine.failpoints import Failpoint
from engine.models import Step
from tests.faults import fake_provider
from tests.faults.workers import forget_connections, wait_until, worker_processes


@pytest.mark.fault(3, "old and new code side by side", "a step renamed under live runs")
def test_the_new_code_executes_the_steps_that_the_old_code_does_not_know(committed: None, tmp_path: Path) -> None:
    """The first of two workers has the code from before the step “after” got its name."""
    old, completed = tmp_path / "old", tmp_path / "completed"
    completed.touch()

    def record(point: Failpoint, step: Step) -> None:
        if point is Failpoint.COMPLETED:
            with completed.open("a") as file:
                file.write(f"{os.getpid()} {step.name} {step.state}\n")

    def prepare() -> None:
        failpoints.subscribe(record)
        try:
            old.touch(exist_ok=False)
        except FileExistsError:
            return
        old.write_text(str(os.getpid()))
        del registry._kinds[fake_provider.KIND, "after"]
        registry.names.cache_clear()
        registry.known_names.cache_clear()

    with fake_provider.serving() as provider:
        runs = [fake_provider.start_run() for _ in range(20)]
        forget_connections()
        with worker_processes(2, prepare) as workers:
            workers.replace_dead()
            wait_until(lambda: fake_provider.all_done(runs), "all to end")
            workers.replace_dead()
        fake_provider.assert_each_done_once(provider, runs)
    lines = {line.removeprefix(f"{old.read_text()} ") for line in completed.read_text().splitlines()}
    assert "create done" in lines, "the old code executes what it knows"
    assert not any(line.startswith("after") for line in lines), "and leaves to others what it does not know"
