"""What the broker does to notifications decides nothing: it may duplicate, reorder, delay or keep them."""

import os
import random
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from engine import execution, registry
from engine.models import Run, RunState
from events import notifier
from events.models import Event
from onboarding.models import Onboarding
from portal.embedded.valkey import Valkey
from tests.engine.conftest import Diamond, diamond
from tests.journey.conftest import World

__all__ = ["diamond"]
PATIENCE = 15
"""Seconds after which a page counts as blocked: longer than any page needs, while the broker stays frozen."""
ROUNDS = 12
"""Claims at the same moment that are tried: in a single one, the first may be over before the others begin."""


def assert_each_step_executed_once(diamond: Diamond, runs: list[Run]) -> None:
    for run in runs:
        run.refresh_from_db()
        assert run.state == RunState.DONE
        done = Event.objects.filter(subject=f"run:{run.pk}", type="onramp.step.done").values_list(
            "data__step", flat=True
        )
        assert sorted(done) == ["first", "last", "left", "right"]
    assert len(diamond.performed) == 4 * len(runs)


@pytest.mark.fault(4, "notifications duplicated", "notifications reordered")
def test_notifications_that_arrive_twice_and_in_any_order_change_nothing(committed: None, diamond: Diamond) -> None:
    generator = random.Random(4)
    runs = [diamond.start() for _ in range(5)]
    while diamond.notifications:
        notifications = diamond.notifications * 2
        diamond.notifications.clear()
        generator.shuffle(notifications)
        for _, step_id in notifications:
            execution.execute(step_id)
            execution.drain(step_id)
    assert_each_step_executed_once(diamond, runs)


@pytest.mark.fault(4, "notifications duplicated")
@pytest.mark.fault(5, "two workers claiming at once")
def test_a_notification_that_reaches_many_workers_at_once_is_executed_once(committed: None, diamond: Diamond) -> None:
    runs = [diamond.start() for _ in range(ROUNDS)]
    notified = [step_id for _, step_id in diamond.notifications]
    everybody = threading.Barrier(8, timeout=PATIENCE)

    def execute() -> None:
        try:
            for step_id in notified:
                everybody.wait()
                execution.execute(step_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(everybody.parties) as pool:
        ended = [pool.submit(execute) for _ in range(everybody.parties)]
    for future in ended:
        future.result()
    assert diamond.performed == ["first"] * ROUNDS
    assert [run.steps.get(name="first").attempt for run in runs] == [1] * ROUNDS


@pytest.mark.fault(4, "notifications delayed")
def test_a_notification_that_arrives_after_the_end_changes_nothing(committed: None, diamond: Diamond) -> None:
    runs = [diamond.start() for _ in range(2)]
    notified = [step_id for _, step_id in diamond.notifications]
    while diamond.notifications:
        notified.append(diamond.next_notified())
        execution.drain(notified[-1])
    assert_each_step_executed_once(diamond, runs)
    versions = list(Run.objects.values_list("version", "ended_at"))
    for step_id in notified:
        execution.drain(step_id)
    assert_each_step_executed_once(diamond, runs)
    assert list(Run.objects.values_list("version", "ended_at")) == versions


@pytest.fixture
def frozen(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    """This process's broker, which accepts connections and answers nothing."""
    valkey = Valkey(tmp_path_factory.mktemp("frozen") / "valkey")
    monkeypatch.setenv("CELERY_BROKER_URL", valkey.start())
    assert valkey.process is not None
    os.kill(valkey.process.pid, signal.SIGSTOP)
    yield valkey
    os.kill(valkey.process.pid, signal.SIGCONT)
    valkey.stop()


@pytest.mark.fault(4, "frozen")
def test_a_page_starts_a_run_while_the_broker_is_frozen(busy_world: World, frozen: Valkey) -> None:
    plan = busy_world.plan(busy_world.actors.repository())
    registry.set_notifier(notifier.notify)
    client = Client()
    client.force_login(busy_world.alice)
    answers: list[HttpResponse] = []

    def click() -> None:
        answers.append(client.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest}))  # type: ignore[arg-type]
        connection.close()

    thread = threading.Thread(target=click, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert [answer.status_code for answer in answers] == [302], "the page does not wait for the broker"
    assert Onboarding.objects.get().run.state == RunState.ACTIVE
