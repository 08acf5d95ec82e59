"""PostgreSQL takes no more writes: a switch made it read-only, or its disk is full. What cannot be written is refused aloud."""

import resource
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from django.test import Client

from catalog.models import Application
from onboarding.engine import points, work
from onboarding.engine.points import Point
from onboarding.models import Effect, Onboarding, Run, Step
from tests.faults import shelf
from tests.faults.own_database import OwnDatabase
from tests.journey.conftest import World

MEGABYTE = 1 << 20
FULL = 17 * MEGABYTE
"""Bytes that a file may have: what is written ahead has 16 MB in each, and the record of events is larger."""


def read_only(database: OwnDatabase, refuses: bool) -> None:
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute("SET default_transaction_read_only = off")
        other.execute(f"ALTER DATABASE onramp SET default_transaction_read_only = {'on' if refuses else 'off'}")


def full(database: OwnDatabase, refuses: bool) -> None:
    """By a limit of the kernel for whatever the server starts from now on, as a quota would be."""
    assert database.server.process is not None
    if refuses:
        with psycopg.connect(database.url, autocommit=True) as other:
            # Nothing before, and one row a page: the next one needs a new page.
            other.execute("TRUNCATE events_event; ALTER TABLE events_event SET (fillfactor = 10)")
            other.execute(
                "INSERT INTO events_event (type, source, subject, data, person) SELECT 'x', 'x', '', "
                "jsonb_build_object('x', repeat('x', 1500)), '' FROM generate_series(1, %s)",
                [FULL // 8192 + 10],
            )
    limit = FULL if refuses else resource.RLIM_INFINITY
    resource.prlimit(database.server.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


Switch = Callable[[OwnDatabase, bool], None]
BOTH = pytest.mark.parametrize("switch", [read_only, full])


@pytest.fixture
def refusing(database: OwnDatabase, switch: Switch) -> Iterator[Callable[[bool], None]]:
    """Called with True and False; connections from then on meet it."""

    def now(refuses: bool) -> None:
        switch(database, refuses)
        connection.close()

    yield now
    now(False)


@pytest.mark.fault(16, "disk full", "read-only database")
@BOTH
def test_a_run_is_started_whole_or_not_at_all(refusing: Callable[[bool], None], busy_world: World) -> None:
    plan = busy_world.plan(busy_world.hands.repository())
    client = Client(raise_request_exception=False)
    client.force_login(busy_world.alice)
    before = Application.objects.count()
    refusing(True)
    answer = client.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest})
    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content
    refusing(False)
    assert [model.objects.count() for model in (Onboarding, Run, Step)] == [0, 0, 0]
    assert Application.objects.count() == before
    assert client.post("/onboardings/", {"plan": plan.pk, "digest": plan.digest}).status_code == 302


@pytest.mark.fault(16, "disk full", "read-only database")
@BOTH
def test_a_step_under_way_is_finished_later(refusing: Callable[[bool], None], caplog: pytest.LogCaptureFixture) -> None:
    """It strikes between the intent and what is written of the call."""
    with shelf.standing() as outside:
        run = shelf.begin()
        put = run.steps.get(name="put").pk

        def strike(point: Point, step: Step) -> None:
            if point is Point.INTENDED:
                points._listeners.clear()
                refusing(True)

        points.on_reached(strike)
        work.carry(put)
        assert outside.things[str(run.pk)] == 1
        assert "the database failed under put" in caplog.text
        refusing(False)
        assert not run.steps.filter(state="done").exists()
        shelf.lease_ends(put)
        work.carry(put)
        shelf.once_each(outside, [run])
        assert Effect.objects.get().tries == 1
