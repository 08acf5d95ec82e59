"""What the broker does to rings decides nothing: doubled, reordered, late, or frozen with them."""

import os
import random
import signal
import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from events import bell
from events.models import Event
from onboarding.engine import registry, work
from onboarding.models import Onboarding, Run, RunState
from portal.embedded.valkey import Valkey
from tests.engine.conftest import Trial, trial
from tests.journey.conftest import World

__all__ = ["trial"]
PATIENCE = 15
"""Seconds after which a page counts as held up; longer than any page needs, and shorter than the broker stays frozen."""


def begun(trial: Trial, count: int) -> list[Run]:
    with transaction.atomic():
        return [trial.start() for _ in range(count)]


def each_step_once(trial: Trial, runs: list[Run]) -> None:
    for run in runs:
        run.refresh_from_db()
        assert run.state == RunState.DONE
        done = Event.objects.filter(subject=f"run:{run.pk}", type="onramp.step.done").values_list(
            "data__step", flat=True
        )
        assert sorted(done) == ["first", "last", "left", "right"]
    assert len(trial.performed) == 4 * len(runs)


@pytest.mark.fault(4, "rings doubled", "rings reordered")
def test_every_ring_comes_twice_and_in_any_order(committed: None, trial: Trial) -> None:
    chance = random.Random(4)
    runs = begun(trial, 5)
    while trial.rings:
        rings = trial.rings * 2
        trial.rings.clear()
        chance.shuffle(rings)
        for _, step in rings:
            work.carry(step)
    each_step_once(trial, runs)


@pytest.mark.fault(4, "rings doubled")
@pytest.mark.fault(5, "two workers claiming together")
def test_one_ring_reaches_many_workers_at_once(committed: None, trial: Trial) -> None:
    runs = begun(trial, 1)
    ((_, first),) = trial.rings
    everybody = threading.Barrier(8)

    def answer() -> None:
        everybody.wait()
        work.turn(first)
        connection.close()

    threads = [threading.Thread(target=answer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trial.performed == ["first"]
    assert runs[0].steps.get(name="first").attempt == 1


@pytest.mark.fault(4, "rings late")
def test_a_ring_that_comes_after_the_end_changes_nothing(committed: None, trial: Trial) -> None:
    runs = begun(trial, 2)
    rung = list(trial.rings)
    while trial.rings:
        rung.append(trial.rings.pop(0))
        work.carry(rung[-1][1])
    each_step_once(trial, runs)
    versions = list(Run.objects.values_list("version", "ended_at"))
    for _, step in rung:
        work.carry(step)
    each_step_once(trial, runs)
    assert list(Run.objects.values_list("version", "ended_at")) == versions


@pytest.fixture
def frozen(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    """A broker that takes connections and answers nothing; this process rings there."""
    valkey = Valkey(tmp_path_factory.mktemp("frozen") / "valkey")
    monkeypatch.setenv("CELERY_BROKER_URL", valkey.start())
    assert valkey.process is not None
    os.kill(valkey.process.pid, signal.SIGSTOP)
    yield valkey
    os.kill(valkey.process.pid, signal.SIGCONT)
    valkey.stop()


@pytest.mark.fault(4, "frozen")
def test_a_page_starts_a_run_while_the_broker_is_frozen(busy_world: World, frozen: Valkey) -> None:
    plan = busy_world.plan(busy_world.hands.repository())
    registry.hang(bell.ring)
    client = Client()
    client.force_login(busy_world.alice)
    answers: list[HttpResponse] = []

    def click() -> None:
        answers.append(client.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest}))  # type: ignore[arg-type]
        connection.close()

    thread = threading.Thread(target=click, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert [one.status_code for one in answers] == [302], "the page does not wait for the broker"
    assert Onboarding.objects.get().run.state == RunState.ACTIVE
