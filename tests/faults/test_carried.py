"""Real Celery workers on a real broker: one of them, without beat, serves all tests of this module that do not end it."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import redis
from django.db import transaction

from events.models import Event
from onboarding.engine import hold, progress
from onboarding.models import Run, RunState, StepState
from portal.embedded.valkey import Valkey
from tests.faults import carried
from tests.faults.celery_workers import CeleryWorkers, celery_workers
from tests.faults.workers import until


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    made = Valkey(tmp_path_factory.mktemp("broker") / "valkey")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shared(valkey: Valkey, django_db_setup: None) -> Iterator[CeleryWorkers]:
    with celery_workers(valkey.url) as made:
        yield made


@pytest.fixture
def broker(committed: None, valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Valkey:
    """Where this process rings, too."""
    monkeypatch.setenv("CELERY_BROKER_URL", valkey.url)
    return valkey


@pytest.fixture
def workers(broker: Valkey, shared: CeleryWorkers) -> CeleryWorkers:
    return shared


def begin(kind: str) -> Run:
    carried.register()
    with transaction.atomic():
        return progress.start(kind)


def done(*runs: Run) -> bool:
    return Run.objects.filter(pk__in=[run.pk for run in runs], state=RunState.DONE).count() == len(runs)


def told_once(*runs: Run) -> None:
    for run in runs:
        events = Event.objects.filter(subject=f"run:{run.pk}", type="onramp.step.done")
        assert Counter(one.data["step"] for one in events) == {"first": 1, "second": 1}


@pytest.mark.fault(7, "no beat")
def test_without_beat_what_nobody_rang_for_is_found(workers: CeleryWorkers) -> None:
    runs = [begin("quick"), begin("patient")]
    until(lambda: done(*runs), "the sweep to find them")
    assert "beat" not in workers.said.lower().replace("heartbeat", "")
    told_once(*runs)


@pytest.mark.fault(1, "of one child")
def test_a_killed_child_loses_nothing(workers: CeleryWorkers) -> None:
    run = begin("slow")
    until(lambda: any(line[:2] == ["begins", str(run.pk)] for line in workers.witness), "a child to begin")
    child = next(int(line[3]) for line in workers.witness if line[1] == str(run.pk))
    os.kill(child, signal.SIGKILL)
    until(lambda: done(run), "another one to take it")
    assert Counter(line[0] for line in workers.witness if line[1:3] == [str(run.pk), "first"]) == {
        "begins": 2,
        "ends": 1,
    }
    told_once(run)


@pytest.mark.fault(13, "stops after so many claims", "others unaffected")
def test_a_poison_step_stops_and_the_others_go_on(workers: CeleryWorkers) -> None:
    poison = begin("poison")
    others: list[Run] = []

    def stopped() -> bool:
        if len(others) < 20:
            others.append(begin("quick"))
        return poison.steps.get(name="first").state == StepState.FAILED

    until(stopped, "the poison step to stop", 60)
    until(lambda: done(*others), "the others to end")
    claims = [line for line in workers.witness if line[1] == str(poison.pk)]
    assert len(claims) == hold.MAX_LOSSES
    assert "died" in poison.steps.get(name="first").reason
    told_once(*others)


@pytest.mark.fault(4, "flushed")
def test_a_broker_that_forgets_everything(workers: CeleryWorkers, broker: Valkey) -> None:
    """All children are busy, so that rings are queued when it happens."""
    busy = [begin("slow") for _ in range(4)]
    until(lambda: len({line[1] for line in workers.witness} & {str(run.pk) for run in busy}) >= 2, "children to begin")
    with redis.Redis.from_url(broker.url) as client:
        runs = [begin("quick") for _ in range(10)]
        until(lambda: client.llen(carried.LANE) >= 2 or done(*runs), "rings to be queued")
        client.flushall()
    until(lambda: done(*busy, *runs), "all to end without their rings")
    told_once(*busy, *runs)


@pytest.mark.fault(4, "down", "killed with rings queued")
def test_a_broker_that_is_killed_and_comes_back_later(workers: CeleryWorkers, broker: Valkey) -> None:
    """Twice as many runs as children, so that rings are queued; begun before, while and after it is away."""
    runs = [begin("slow") for _ in range(4)]
    assert broker.process is not None
    time.sleep(0.3)
    broker.process.kill()
    broker.process.wait()
    runs += [begin("quick") for _ in range(3)]
    time.sleep(1)
    broker.start()
    runs += [begin("quick") for _ in range(3)]
    until(lambda: done(*runs), "all to end", 60)
    told_once(*runs)


@pytest.fixture(scope="module")
def two(valkey: Valkey, shared: CeleryWorkers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CeleryWorkers]:
    """Two workers, each with a beat, in the place of the one."""
    shared.stop()
    folder = tmp_path_factory.mktemp("beats")
    with celery_workers(valkey.url, "--beat", "--schedule", f"{folder}/{{number}}", count=2) as made:
        yield made


@pytest.mark.fault(7, "two beats")
def test_two_beats_double_nothing(broker: Valkey, two: CeleryWorkers) -> None:
    runs = [begin(kind) for kind in ("quick", "patient", "slow") for _ in range(3)]
    until(lambda: done(*runs), "all to end")
    assert two.said.count("beat: Starting...") == 2
    told_once(*runs)
    performed = Counter((line[1], line[2]) for line in two.witness if line[0] == "ends")
    looks = {"quick": 1, "slow": 1, "patient": 2}
    assert {run.pk: performed[str(run.pk), "first"] for run in runs} == {run.pk: looks[run.kind] for run in runs}


@pytest.mark.fault(3, "SIGTERM")
def test_a_worker_that_is_asked_to_end_finishes_what_it_has_in_hand(broker: Valkey, two: CeleryWorkers) -> None:
    runs = [begin("slow") for _ in range(4)]
    names = {str(run.pk) for run in runs}

    def under_way() -> list[list[str]]:
        return [line for line in two.witness if line[1] in names]

    until(lambda: len(under_way()) >= 2, "some to begin")
    leader = int(under_way()[0][4])
    (asked,) = [process for process in two.processes if process.pid == leader]
    in_hand = {line[1] for line in under_way() if int(line[4]) == leader}
    asked.send_signal(signal.SIGTERM)
    assert asked.wait(30) == 0
    ended = {line[1] for line in under_way() if line[0] == "ends" and line[2] == "first" and int(line[4]) == leader}
    assert in_hand <= ended
    until(lambda: done(*runs), "the other one to do the rest")
    told_once(*runs)
    begun = Counter(line[1] for line in under_way() if line[0] == "begins" and line[2] == "first")
    assert set(begun.values()) == {1}, "nothing was done twice"
