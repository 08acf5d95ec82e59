"""Clocks: one of a worker that is an hour off, and the database's own, thirty days later."""

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

from integrations import http
from integrations.errors import from_status
from onboarding.engine import effects, progress, waking, work
from onboarding.engine.outcomes import Wait
from onboarding.models import Blocker, Run, Step, StepState
from tests.engine.conftest import Trial, trial
from tests.faults import carried
from tests.faults.celery_workers import ROOT, url_of_the_database
from tests.faults.workers import until
from tests.integrations.answering import answering

__all__ = ["trial"]
HOUR = 3600
OFF = pytest.mark.parametrize("off", [HOUR, -HOUR], ids=["ahead", "behind"])


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that gives a process another time of day."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler (as root: apt-get install gcc libc6-dev)")
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", str(library), str(source), "-ldl"], check=True, timeout=60)
    return library


@contextmanager
def a_worker(clock: Path, off: int, witness: Path) -> Iterator[subprocess.Popen[str]]:
    surroundings = {"LD_PRELOAD": str(clock), "CLOCK_OFF": str(off), "DATABASE_URL": url_of_the_database()}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.clock_worker"],
        cwd=ROOT,
        env=os.environ | surroundings | {carried.WITNESS: str(witness)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        believes = float(process.stdout.readline())
        assert abs(believes - time.time() - off) < HOUR / 2, "its clock is another one"
        try:
            yield process
        finally:
            process.kill()


def begin(kind: str) -> Step:
    carried.register()
    with transaction.atomic():
        return progress.start(kind).steps.get(name="first")


def wait(step: Step, state: StepState) -> Step:
    def reached() -> bool:
        step.refresh_from_db()
        return step.state == state

    until(reached, f"{step.run.kind} to be {state}")
    return step


@OFF
@pytest.mark.fault(8, "leases and waits")
def test_its_leases_and_waits_are_in_the_time_of_all(committed: None, clock: Path, off: int, tmp_path: Path) -> None:
    with a_worker(clock, off, tmp_path / "witness") as worker:
        waiting = wait(begin("patient"), StepState.WAITING)
        assert waiting.due_at is not None
        now = effects.database_now()
        assert abs(waiting.due_at - now) < timedelta(minutes=1)
        wait(waiting, StepState.DONE)

        held = wait(begin("slow"), StepState.RUNNING)
        while held.state == StepState.RUNNING:
            assert not work.turn(held.pk), "nobody takes what it holds"
            held.refresh_from_db()
        assert (held.state, held.epoch) == (StepState.DONE, 1)

        dies = wait(begin("slow"), StepState.RUNNING)
        worker.kill()
        until(lambda: dies.pk in [pk for _, pk in waking.overdue()], "its lease to end")
        dies.refresh_from_db()
        assert dies.lease_until is not None
        assert effects.database_now() - dies.lease_until < timedelta(minutes=1)


@OFF
@pytest.mark.fault(8, "how long it is down")
def test_a_provider_is_not_down_for_an_hour_because_a_clock_is_off(
    committed: None, clock: Path, off: int, tmp_path: Path
) -> None:
    """It fails for the second time within seconds: too short for a ticket, whatever the worker's clock says."""
    with a_worker(clock, off, tmp_path / "witness"):
        failing = wait(begin("unanswered"), StepState.WAITING)
        Step.objects.filter(pk=failing.pk).update(due_at=Now())
        until(lambda: Step.objects.get(pk=failing.pk).attempt == 2, "a second try")
        failing = wait(failing, StepState.WAITING)
    assert failing.failures == 2
    assert not Blocker.objects.exists()


@OFF
@pytest.mark.fault(8, "what a provider asks for")
@pytest.mark.parametrize("header", ["retry-after", "x-ratelimit-reset"])
def test_a_pause_is_counted_by_the_clock_of_who_asks_for_it(off: int, header: str) -> None:
    """Two clocks are an hour apart: whichever of them is wrong, the pause is half a minute."""
    theirs = time.time() + off
    until_then = formatdate(theirs + 30, usegmt=True) if header == "retry-after" else str(int(theirs + 30))
    headers = {
        "Date": formatdate(theirs, usegmt=True),
        "x_ratelimit_remaining": "0",
        header.replace("-", "_"): until_then,
    }
    with answering("{}", 429, **headers) as url, http.recording() as calls:
        answer = http.session("github").get(url)
    assert calls[0].pause is not None
    assert 28 <= calls[0].pause <= 31
    error = from_status("github", answer.status_code, "later", answer.headers)
    assert 28 <= error.retry_after <= 31  # type: ignore[attr-defined]


@pytest.fixture
def shift(committed: None) -> Iterator[None]:
    """This connection's `statement_timestamp()` is one that can be set ahead; it is found before PostgreSQL's own."""
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


def it_is_later_by(length: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shifted.by', %s, false)", [length])


@pytest.mark.fault(15, "a wait of thirty days")
def test_a_wait_of_thirty_days(shift: None, trial: Trial) -> None:
    month = timedelta(days=30).total_seconds()
    trial.behaviours["first"] = lambda _: Wait("Until next month.", month)
    with transaction.atomic():
        run: Run = trial.start()
    work.turn(trial.rings.pop()[1])
    waiting = trial.step(run, "first")
    assert (waiting.state, waiting.lease_until) == (StepState.WAITING, None)
    for early in ("0", "1 day", "29 days 23 hours 59 minutes"):
        it_is_later_by(early)
        assert waking.sweep() == 0
        assert not work.turn(waiting.pk)
    it_is_later_by("30 days 1 minute")
    assert waking.sweep() == 1
    trial.behaviours.clear()
    while trial.rings:
        work.carry(trial.rings.pop()[1])
    run.refresh_from_db()
    assert run.state == "done"
    assert trial.performed.count("first") == 2
