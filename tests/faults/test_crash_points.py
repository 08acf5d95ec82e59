"""A worker is killed (`kill -9`) once at every failpoint of every kind of step, and all runs end as they would have.

There is one onboarding per failpoint: each of its steps kills its worker the first time it reaches that failpoint.
Messages, the watch over an application and a blocker's ticket are runs too, and are killed in the same way.
"""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from engine import effects, failpoints, lease
from engine.failpoints import Failpoint
from engine.models import RunState, Step, StepState
from integrations import http
from onboarding.models import Blocker, Message, Onboarding
from tests.faults import invariants
from tests.faults.workers import worker_processes
from tests.journey.actors import PLENTY, SERVICE, TIGHT
from tests.journey.conftest import World

TIMEOUT = 240.0
LOGGING_SERVICE = SERVICE | {
    "app.py": SERVICE["app.py"].replace(
        "    ThreadingHTTPServer(", "    print('here', flush=True)\n    ThreadingHTTPServer("
    )
}


class Killer:
    """Kills each (run, step, failpoint) once. A file that all workers append to keeps which were killed."""

    def __init__(self, path: Path, failpoint_of: dict[str, Failpoint]) -> None:
        self.path = path
        self.failpoint_of = failpoint_of
        """Id of an onboarding's run → where its steps are killed."""
        path.touch()

    def subscribe(self) -> None:
        failpoints.subscribe(self.kill)

    def kill(self, point: Failpoint, step: Step) -> None:
        """Runs of other kinds are killed at every failpoint, one after the other."""
        chosen = self.failpoint_of.get(str(step.run_id))
        if chosen not in (None, point) or (chosen is None and step.crashes):
            return
        line = f"{step.run.kind} {step.name} {point.name} {step.run_id}\n"
        if line in self.path.read_text():
            return
        with self.path.open("a") as file:
            file.write(line)
        os.kill(os.getpid(), signal.SIGKILL)

    def killed(self, run_kind: str, point: Failpoint | None = None) -> set[str]:
        """Names of the steps of this kind of run that were killed, at any failpoint or only at this one."""
        lines = [line.split() for line in self.path.read_text().splitlines()]
        return {step for kind, step, at, _ in lines if kind == run_kind and (point is None or at == point.name)}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, busy_world: World) -> World:
    """Leases, time-outs and `visible_after` that a test can wait for, in the same order as the real ones."""
    monkeypatch.setattr(lease, "LEASE", timedelta(seconds=3))
    monkeypatch.setattr(http, "TIMEOUT", 2.5)
    monkeypatch.setattr(effects, "VISIBLE_AFTER", timedelta(seconds=2.8))
    shorter = {"portal_poll_seconds": 0.5, "portal_watch_seconds": 2, "portal_issues_settle_seconds": 2.8}
    busy_world.settings.ENV = busy_world.settings.ENV.model_copy(update=shorter)
    return busy_world


def merge_waiting_pull_requests(world: World, runs: list[Onboarding]) -> None:
    for run in runs:
        if Step.objects.filter(run=run.pk, name="merge", state=StepState.WAITING).exists():
            for pull in world.actors.pulls(run.repository.full_name):
                if pull["state"] == "open":
                    world.actors.merge(run.repository.full_name, pull["number"])


def unfinished_steps(runs: list[Onboarding]) -> str:
    steps = Step.objects.filter(run__in=[run.pk for run in runs]).exclude(state=StepState.DONE)
    return "\n".join(f"{step.run_id} {step.name}: {step.state} {step.reason} {step.detail[-300:]}" for step in steps)


@pytest.mark.fault(1, "at every failpoint")
def test_a_crash_at_any_failpoint_of_any_step_changes_nothing(impatient: World, tmp_path: Path) -> None:
    world = impatient
    world.actors.grant("acme-storefront", TIGHT)
    runs = [world.start(world.actors.repository(files=LOGGING_SERVICE)) for _ in Failpoint]
    killer = Killer(tmp_path / "killed", {str(run.pk): point for run, point in zip(runs, Failpoint, strict=True)})
    connection.close()
    granted = False
    deadline = time.monotonic() + TIMEOUT
    with worker_processes(3, killer.subscribe) as workers:
        while Onboarding.objects.filter(run__state=RunState.DONE).count() < len(runs):
            assert time.monotonic() < deadline, unfinished_steps(runs)
            workers.replace_dead()
            if not granted and Blocker.objects.exclude(ticket_key="").exists():
                world.actors.grant("acme-storefront", PLENTY)
                granted = True
            merge_waiting_pull_requests(world, runs)
            time.sleep(0.2)
        until = time.monotonic() + 60
        while Message.objects.filter(sent_at=None).exists() and time.monotonic() < until:
            workers.replace_dead()
            time.sleep(0.2)

    for run in runs:
        invariants.assert_done_once(run, world.actors)
    (blocker,) = Blocker.objects.all()
    assert len(world.actors.tickets("Onramp")) == 1
    assert blocker.closed_at is not None
    invariants.assert_no_mail_was_sent_twice(world.actors, runs)
    steps = set(Step.objects.filter(run=runs[0].pk).values_list("name", flat=True))
    for point in (Failpoint.CLAIMED, Failpoint.COMPLETING, Failpoint.COMPLETED):
        assert killer.killed("onboarding", point) == steps
    steps_with_effects = {"access", "namespace", "logs", "pull_request"}
    for point in (Failpoint.INTENDED, Failpoint.CALLED, Failpoint.MADE):
        assert killer.killed("onboarding", point) == steps_with_effects
    assert killer.killed("blocker") == {"clear"}
    assert killer.killed("message") == {"notify"}
    assert killer.killed("watch") == {"watch"}
    assert workers.deaths >= 3 * len(steps) + 3 * len(steps_with_effects)
