"""PostgreSQL refuses writes: it is read-only, or its disk is full. Refused writes become visible errors."""

import resource
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from django.test import Client

from catalog.models import Application
from engine import execution, failpoints
from engine.failpoints import Failpoint
from engine.models import Effect, Run, Step
from onboarding.models import Onboarding
from tests.faults import fake_provider
from tests.faults.dedicated_database import DedicatedDatabase
from tests.journey.conftest import World

MEGABYTE = 1 << 20
FULL = 17 * MEGABYTE
"""Bytes that a file may have: a file of the write-ahead log has 16 MB, and the first partition of events is larger."""


def read_only(database: DedicatedDatabase, refuses: bool) -> None:
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute("SET default_transaction_read_only = off")
        other.execute(f"ALTER DATABASE onramp SET default_transaction_read_only = {'on' if refuses else 'off'}")


def full(database: DedicatedDatabase, refuses: bool) -> None:
    """Through a limit of the kernel for the processes that the server starts from now on, as a quota would do."""
    assert database.server.process is not None
    if refuses:
        with psycopg.connect(database.url, autocommit=True) as other:
            # One row fills a page, so the next row needs a new page.
            other.execute("TRUNCATE events_event; ALTER TABLE events_event_0 SET (fillfactor = 10)")
            other.execute(
                "INSERT INTO events_event (type, source, subject, data, person) SELECT 'x', 'x', '', "
                "jsonb_build_object('x', repeat('x', 1500)), '' FROM generate_series(1, %s)",
                [FULL // 8192 + 10],
            )
    limit = FULL if refuses else resource.RLIM_INFINITY
    resource.prlimit(database.server.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


Switch = Callable[[DedicatedDatabase, bool], None]
BOTH = pytest.mark.parametrize("switch", [read_only, full])


@pytest.fixture
def refuse_writes(database: DedicatedDatabase, switch: Switch) -> Iterator[Callable[[bool], None]]:
    """Call it with True or False; it holds for connections from then on."""

    def set_refusing(refuses: bool) -> None:
        switch(database, refuses)
        connection.close()

    yield set_refusing
    set_refusing(False)


@pytest.mark.fault(16, "disk full", "read-only database")
@BOTH
def test_a_run_starts_completely_or_not_at_all(refuse_writes: Callable[[bool], None], busy_world: World) -> None:
    plan = busy_world.plan(busy_world.actors.repository())
    client = Client(raise_request_exception=False)
    client.force_login(busy_world.alice)
    before = Application.objects.count()
    refuse_writes(True)
    answer = client.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest})
    assert answer.status_code == 500
    assert b"Something went wrong on our side" in answer.content
    refuse_writes(False)
    assert [model.objects.count() for model in (Onboarding, Run, Step)] == [0, 0, 0]
    assert Application.objects.count() == before
    assert client.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest}).status_code == 302


@pytest.mark.fault(16, "disk full", "read-only database")
@BOTH
def test_an_interrupted_step_is_completed_later(
    refuse_writes: Callable[[bool], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Writes are refused from after the intent until after the call."""
    with fake_provider.serving() as provider:
        run = fake_provider.start_run()
        create = run.steps.get(name="create").pk

        def strike(point: Failpoint, step: Step) -> None:
            if point is Failpoint.INTENDED:
                failpoints._listeners.clear()
                refuse_writes(True)

        failpoints.subscribe(strike)
        execution.drain(create)
        assert provider.objects[str(run.pk)] == 1
        assert "the database failed during create" in caplog.text
        refuse_writes(False)
        assert not run.steps.filter(state="done").exists()
        fake_provider.pass_time(create)
        execution.drain(create)
        fake_provider.assert_each_done_once(provider, [run])
        assert Effect.objects.get().tries == 1
