"""A worker dies (`kill -9`) at every named point of every kind of step, once each: all runs end as if nothing had been.

One run a point: each of its steps kills its worker there the first time it comes by. Messages, the watch over what runs and
a blocker's ticket are runs too, and die in the same way.
"""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from integrations import http
from onboarding.engine import effects, hold, points
from onboarding.engine.points import Point
from onboarding.models import Blocker, Message, Onboarding, RunState, Step, StepState
from tests.faults import invariants
from tests.faults.workers import working
from tests.journey.conftest import World
from tests.journey.hands import PLENTY, SERVICE, TIGHT

LONGEST = 240.0
TALKATIVE = SERVICE | {
    "app.py": SERVICE["app.py"].replace(
        "    ThreadingHTTPServer(", "    print('here', flush=True)\n    ThreadingHTTPServer("
    )
}


class Deaths:
    """Which (run, step, point) has died already, in a file that all workers append to."""

    def __init__(self, path: Path, wanted: dict[str, Point]) -> None:
        self.path = path
        self.wanted = wanted
        path.touch()

    def listen(self) -> None:
        points.on_reached(self.die)

    def die(self, point: Point, step: Step) -> None:
        """Where the run is one of another kind, every point is its turn, one after the other."""
        wanted = self.wanted.get(str(step.run_id))
        if wanted not in (None, point) or (wanted is None and step.losses):
            return
        line = f"{step.run.kind} {step.name} {point.name} {step.run_id}\n"
        if line in self.path.read_text():
            return
        with self.path.open("a") as file:
            file.write(line)
        os.kill(os.getpid(), signal.SIGKILL)

    def of(self, kind: str, point: Point | None = None) -> set[str]:
        """Names of the steps of this kind of run that died (at this point)."""
        found = [line.split() for line in self.path.read_text().splitlines()]
        return {step for run, step, at, _ in found if run == kind and (point is None or at == point.name)}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, busy_world: World) -> World:
    """Leases and settling times that a test can wait for, in the same order as the real ones."""
    monkeypatch.setattr(hold, "LEASE", timedelta(seconds=3))
    monkeypatch.setattr(http, "TIMEOUT", 2.5)
    monkeypatch.setattr(effects, "SETTLE", timedelta(seconds=2.8))
    shorter = {"portal_poll_seconds": 0.5, "portal_watch_seconds": 2, "portal_issues_settle_seconds": 2.8}
    busy_world.settings.ENV = busy_world.settings.ENV.model_copy(update=shorter)
    return busy_world


def merge_what_waits(world: World, runs: list[Onboarding]) -> None:
    for run in runs:
        if Step.objects.filter(run=run.pk, name="merge", state=StepState.WAITING).exists():
            for pull in world.hands.pulls(run.repository.full_name):
                if pull["state"] == "open":
                    world.hands.merge(run.repository.full_name, pull["number"])


def standing(runs: list[Onboarding]) -> str:
    steps = Step.objects.filter(run__in=[run.pk for run in runs]).exclude(state=StepState.DONE)
    return "\n".join(f"{step.run_id} {step.name}: {step.state} {step.reason} {step.detail[-300:]}" for step in steps)


@pytest.mark.fault(1, "at each named point")
def test_every_point_of_every_step(impatient: World, tmp_path: Path) -> None:
    world = impatient
    world.hands.grant("storefront", TIGHT)
    runs = [world.start(world.hands.repository(files=TALKATIVE)) for _ in Point]
    deaths = Deaths(tmp_path / "deaths", {str(run.pk): point for run, point in zip(runs, Point, strict=True)})
    connection.close()
    granted = False
    deadline = time.monotonic() + LONGEST
    with working(3, deaths.listen) as workers:
        while Onboarding.objects.filter(run__state=RunState.DONE).count() < len(runs):
            assert time.monotonic() < deadline, standing(runs)
            workers.tend()
            if not granted and Blocker.objects.exclude(ticket_key="").exists():
                world.hands.grant("storefront", PLENTY)
                granted = True
            merge_what_waits(world, runs)
            time.sleep(0.2)
        until = time.monotonic() + 60
        while Message.objects.filter(sent_at=None).exists() and time.monotonic() < until:
            workers.tend()
            time.sleep(0.2)

    for run in runs:
        invariants.hold_for(run, world.hands)
    (cause,) = Blocker.objects.all()
    assert len(world.hands.tickets("Onramp")) == 1
    assert cause.closed_at is not None
    invariants.mails_at_most_once(world.hands, runs)
    steps = set(Step.objects.filter(run=runs[0].pk).values_list("name", flat=True))
    for point in (Point.CLAIMED, Point.SETTLING, Point.SETTLED):
        assert deaths.of("onboarding", point) == steps
    effectful = {"access", "namespace", "logs", "pull_request"}
    for point in (Point.INTENDED, Point.CALLED, Point.MADE):
        assert deaths.of("onboarding", point) == effectful
    assert deaths.of("blocker") == {"clear"}
    assert deaths.of("message") == {"tell"}
    assert deaths.of("observation") == {"observe"}
    assert workers.deaths >= 3 * len(steps) + 3 * len(effectful)
