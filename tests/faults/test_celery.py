"""Real Celery workers on a real broker. One worker without beat serves all tests of this module that do not end it."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import redis
from django.db import transaction

from engine import lease, runs
from engine.models import Run, RunState, StepState
from events.models import Event
from portal.embedded.valkey import Valkey
from tests.faults import celery_steps
from tests.faults.celery_workers import CeleryWorkers, Execution, celery_workers
from tests.faults.workers import wait_until


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    valkey = Valkey(tmp_path_factory.mktemp("broker") / "valkey")
    valkey.start()
    yield valkey
    valkey.stop()


@pytest.fixture(scope="module")
def worker_without_beat(valkey: Valkey, django_db_setup: None) -> Iterator[CeleryWorkers]:
    with celery_workers(valkey.url) as workers:
        yield workers


@pytest.fixture
def broker(committed: None, valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Valkey:
    """The workers' broker, which this process notifies through as well."""
    monkeypatch.setenv("CELERY_BROKER_URL", valkey.url)
    return valkey


@pytest.fixture
def workers(broker: Valkey, worker_without_beat: CeleryWorkers) -> CeleryWorkers:
    return worker_without_beat


def start(kind: str) -> Run:
    celery_steps.register()
    with transaction.atomic():
        return runs.start(kind)


def all_done(*runs: Run) -> bool:
    return Run.objects.filter(pk__in=[run.pk for run in runs], state=RunState.DONE).count() == len(runs)


def assert_each_recorded_once(*runs: Run) -> None:
    for run in runs:
        events = Event.objects.filter(subject=f"run:{run.pk}", type="onramp.step.done")
        assert Counter(event.data["step"] for event in events) == {"first": 1, "second": 1}


@pytest.mark.fault(7, "no beat")
def test_without_beat_runs_without_a_notification_are_found(workers: CeleryWorkers) -> None:
    runs = [start("quick"), start("patient")]
    wait_until(lambda: all_done(*runs), "the sweep to find them")
    assert "beat" not in workers.output.lower().replace("heartbeat", "")
    assert_each_recorded_once(*runs)


def test_a_run_goes_on_in_the_same_process_in_every_queue_of_the_worker(workers: CeleryWorkers) -> None:
    runs = [start("crossing") for _ in range(8)]
    wait_until(lambda: all_done(*runs), "all of them to end")
    children = {(line.run, line.step): line.child for line in workers.executions}
    assert all(children[str(run.pk), "first"] == children[str(run.pk), "second"] for run in runs)


@pytest.mark.fault(1, "of one child")
def test_a_killed_child_loses_nothing(workers: CeleryWorkers) -> None:
    run = start("slow")
    wait_until(lambda: any(line[:2] == ("begins", str(run.pk)) for line in workers.executions), "a child to begin")
    child = next(line.child for line in workers.executions if line.run == str(run.pk))
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: all_done(run), "another child to claim it")
    first = [line.moment for line in workers.executions if (line.run, line.step) == (str(run.pk), "first")]
    assert Counter(first) == {"begins": 2, "ends": 1}
    assert_each_recorded_once(run)


@pytest.mark.fault(13, "stops after repeated crashes", "others unaffected")
def test_a_poison_step_is_stopped_and_the_others_go_on(workers: CeleryWorkers) -> None:
    poison = start("poison")
    others: list[Run] = []

    def stopped() -> bool:
        if len(others) < 20:
            others.append(start("quick"))
        return poison.steps.get(name="first").state == StepState.FAILED

    wait_until(stopped, "the poison step to stop", 60)
    wait_until(lambda: all_done(*others), "the others to end")
    claims = [line for line in workers.executions if line.run == str(poison.pk)]
    assert len(claims) == lease.MAX_CRASHES
    assert "died" in poison.steps.get(name="first").reason
    assert_each_recorded_once(*others)


@pytest.mark.fault(4, "flushed")
def test_a_flushed_broker_loses_no_run(workers: CeleryWorkers, broker: Valkey) -> None:
    """All children are busy, so that notifications are queued when it is flushed."""
    busy = [start("slow") for _ in range(4)]
    names = {str(run.pk) for run in busy}
    wait_until(lambda: len({line.run for line in workers.executions} & names) >= 2, "children to begin")
    with redis.Redis.from_url(broker.url) as client:
        runs = [start("quick") for _ in range(10)]
        wait_until(
            lambda: client.llen(celery_steps.QUEUE) >= 2 or all_done(*runs),
            "notifications to be queued",
        )
        client.flushall()
    wait_until(lambda: all_done(*busy, *runs), "all to end without their notifications")
    assert_each_recorded_once(*busy, *runs)


@pytest.mark.fault(4, "down", "killed with notifications queued")
def test_a_killed_broker_that_comes_back_later_loses_no_run(workers: CeleryWorkers, broker: Valkey) -> None:
    """There are twice as many runs as children, so that notifications are queued. Runs start before, during and after
    the outage."""
    runs = [start("slow") for _ in range(4)]
    assert broker.process is not None
    time.sleep(0.3)
    broker.process.kill()
    broker.process.wait()
    runs += [start("quick") for _ in range(3)]
    time.sleep(1)
    broker.start()
    runs += [start("quick") for _ in range(3)]
    wait_until(lambda: all_done(*runs), "all to end", 60)
    assert_each_recorded_once(*runs)


@pytest.fixture(scope="module")
def workers_with_beat(
    valkey: Valkey, worker_without_beat: CeleryWorkers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CeleryWorkers]:
    """Two workers, each with a beat, in place of the one without."""
    worker_without_beat.stop()
    folder = tmp_path_factory.mktemp("beats")
    with celery_workers(valkey.url, "--beat", "--schedule", f"{folder}/{{number}}", count=2) as workers:
        yield workers


@pytest.mark.fault(7, "two beats")
def test_two_beats_duplicate_nothing(broker: Valkey, workers_with_beat: CeleryWorkers) -> None:
    runs = [start(kind) for kind in ("quick", "patient", "slow") for _ in range(3)]
    wait_until(lambda: all_done(*runs), "all to end")
    assert workers_with_beat.output.count("beat: Starting...") == 2
    assert_each_recorded_once(*runs)
    performed = Counter((line.run, line.step) for line in workers_with_beat.executions if line.moment == "ends")
    expected = {"quick": 1, "slow": 1, "patient": 2}
    assert {run.pk: performed[str(run.pk), "first"] for run in runs} == {run.pk: expected[run.kind] for run in runs}


@pytest.mark.fault(3, "SIGTERM")
def test_a_worker_that_receives_sigterm_finishes_its_current_steps(
    broker: Valkey, workers_with_beat: CeleryWorkers
) -> None:
    runs = [start("slow") for _ in range(4)]
    names = {str(run.pk) for run in runs}

    def executions() -> list[Execution]:
        return [line for line in workers_with_beat.executions if line.run in names]

    wait_until(lambda: len(executions()) >= 2, "some to begin")
    pid = executions()[0].worker
    (terminated,) = [process for process in workers_with_beat.processes if process.pid == pid]
    current = {line.run for line in executions() if line.worker == pid}
    terminated.send_signal(signal.SIGTERM)
    assert terminated.wait(30) == 0
    first = [line for line in executions() if line.step == "first"]
    assert current <= {line.run for line in first if line.moment == "ends" and line.worker == pid}
    wait_until(lambda: all_done(*runs), "the other worker to do the rest")
    assert_each_recorded_once(*runs)
    begun = Counter(line.run for line in executions() if line.moment == "begins" and line.step == "first")
    assert set(begun.values()) == {1}, "no step was executed twice"
