"""A worker's clock is an hour off, and the database's clock is thirty days ahead."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import formatdate
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from database import clock as database_clock
from engine import execution, runs, waking
from engine.models import Run, Step, StepState
from engine.outcomes import Wait
from integrations import http
from integrations.errors import from_status
from onboarding.models import Blocker
from tests.engine.conftest import Diamond, diamond
from tests.faults import celery_steps
from tests.faults.celery_workers import ROOT, database_url
from tests.faults.workers import wait_until
from tests.integrations.answering import answering

__all__ = ["diamond"]
HOUR = 3600
OFFSETS = pytest.mark.parametrize("offset", [HOUR, -HOUR], ids=["ahead", "behind"])


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that gives a process a wrong time of day."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler (as root: apt-get install gcc libc6-dev)")
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", str(library), str(source), "-ldl"], check=True, timeout=60)
    return library


@contextmanager
def worker_with_wrong_clock(clock: Path, offset: int, log: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {"LD_PRELOAD": str(clock), "CLOCK_OFFSET": str(offset), "DATABASE_URL": database_url()}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.clock_worker"],
        cwd=ROOT,
        env=os.environ | environment | {celery_steps.EXECUTION_LOG: str(log)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        its_time = float(process.stdout.readline())
        assert abs(its_time - time.time() - offset) < HOUR / 2, "its clock is wrong as intended"
        try:
            yield process
        finally:
            process.kill()


def start(kind: str) -> Step:
    """The first step of a new run."""
    celery_steps.register()
    with transaction.atomic():
        return runs.start(kind).steps.get(name="first")


def wait_for(step: Step, state: StepState) -> Step:
    def reached() -> bool:
        step.refresh_from_db()
        return step.state == state

    wait_until(reached, f"{step.run.kind} to be {state}")
    return step


@OFFSETS
@pytest.mark.fault(8, "leases and waits")
def test_leases_and_waits_are_in_the_databases_time(committed: None, clock: Path, offset: int, tmp_path: Path) -> None:
    with worker_with_wrong_clock(clock, offset, tmp_path / "log") as worker:
        waiting = wait_for(start("patient"), StepState.WAITING)
        assert waiting.due_at is not None
        now = database_clock.now()
        assert abs(waiting.due_at - now) < timedelta(minutes=1)
        wait_for(waiting, StepState.DONE)

        held = wait_for(start("slow"), StepState.RUNNING)
        while held.state == StepState.RUNNING:
            assert not execution.execute(held.pk), "nobody else claims a step that it holds"
            held.refresh_from_db()
        assert (held.state, held.epoch) == (StepState.DONE, 1)

        abandoned = wait_for(start("slow"), StepState.RUNNING)
        worker.kill()
        wait_until(lambda: abandoned.pk in [step_id for _, step_id in waking.overdue()], "its lease to expire")
        abandoned.refresh_from_db()
        assert abandoned.lease_until is not None
        assert database_clock.now() - abandoned.lease_until < timedelta(minutes=1)


@OFFSETS
@pytest.mark.fault(8, "the length of an outage")
def test_an_outage_is_not_an_hour_long_because_a_clock_is_wrong(
    committed: None, clock: Path, offset: int, tmp_path: Path
) -> None:
    """Two attempts fail within seconds: too short an outage for a ticket, whatever the worker's clock says."""
    with worker_with_wrong_clock(clock, offset, tmp_path / "log"):
        failing = wait_for(start("unanswered"), StepState.WAITING)
        Step.objects.filter(pk=failing.pk).update(due_at=Now())
        wait_until(lambda: Step.objects.get(pk=failing.pk).attempt == 2, "a second attempt")
        failing = wait_for(failing, StepState.WAITING)
    assert failing.failures == 2
    assert not Blocker.objects.exists()


@OFFSETS
@pytest.mark.fault(8, "a provider's rate limit")
@pytest.mark.parametrize("header", ["retry-after", "x-ratelimit-reset"])
def test_a_pause_is_counted_by_the_providers_clock(offset: int, header: str) -> None:
    """The two clocks are an hour apart. Whichever is wrong, the pause is half a minute."""
    their_time = time.time() + offset
    end = formatdate(their_time + 30, usegmt=True) if header == "retry-after" else str(int(their_time + 30))
    headers = {
        "Date": formatdate(their_time, usegmt=True),
        "x_ratelimit_remaining": "0",
        header.replace("-", "_"): end,
    }
    with answering("{}", 429, **headers) as url, http.recording() as calls:
        answer = http.session("github").get(url)
    assert calls[0].pause is not None
    assert 28 <= calls[0].pause <= 31
    error = from_status("github", answer.status_code, "later", answer.headers)
    assert 28 <= error.retry_after <= 31  # type: ignore[attr-defined]


@pytest.fixture
def shiftable_time(committed: None) -> Iterator[None]:
    """On this connection, a `statement_timestamp()` that can be set ahead comes before PostgreSQL's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE SCHEMA shifted;
            CREATE FUNCTION shifted.statement_timestamp() RETURNS timestamptz STABLE LANGUAGE sql AS
            $$ SELECT pg_catalog.statement_timestamp() + current_setting('shifted.by')::interval $$;
            SET search_path = shifted, public, pg_catalog;
            SET shifted.by = '0';
            """
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET search_path; DROP SCHEMA shifted CASCADE")


def shift_time_by(interval: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shifted.by', %s, false)", [interval])


@pytest.mark.fault(15, "a wait of thirty days")
def test_a_wait_lasts_thirty_days(shiftable_time: None, diamond: Diamond) -> None:
    month = timedelta(days=30).total_seconds()
    diamond.behaviours["first"] = lambda _: Wait("Until next month.", month)
    run: Run = diamond.start()
    execution.execute(diamond.next_notified())
    waiting = diamond.step(run, "first")
    assert (waiting.state, waiting.lease_until) == (StepState.WAITING, None)
    for early in ("0", "1 day", "29 days 23 hours 59 minutes"):
        shift_time_by(early)
        assert waking.sweep() == 0
        assert not execution.execute(waiting.pk)
    shift_time_by("30 days 1 minute")
    assert waking.sweep() == 1
    diamond.behaviours.clear()
    while diamond.notifications:
        execution.drain(diamond.next_notified())
    run.refresh_from_db()
    assert run.state == "done"
    assert diamond.performed.count("first") == 2
