"""Events in partitions: an existing database gets them under running workers, inserts never fail, and what people did stays."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection
from psycopg.errors import InsufficientPrivilege, InvalidParameterValue, LockNotAvailable

ROOT = Path(__file__).resolve().parents[2]
INSERT = "INSERT INTO events_event (type, source, subject, data, person) VALUES (%s, 'onramp', %s, '{}', %s)"
OLD_INSERT = INSERT.replace("(type,", "(time, type,").replace("VALUES (", "VALUES (now() - interval '200 days', ")
STEP, AGE = 100_000, "180 days"
Connection = psycopg.Connection[tuple[object, ...]]


def migrate(url: str, *target: str) -> None:
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings", "ONRAMP_DEMO": "1"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", *target]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


@pytest.fixture(scope="module")
def unmigrated() -> Iterator[str]:
    """The URL of a database of its own, as it was before the partitions."""
    url, name = os.environ["DATABASE_URL"], "partitions_of_events"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        before = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        migrate(before, "events", "0004")
        with psycopg.connect(before) as database:
            database.execute("GRANT SELECT ON events_event TO pg_monitor")
        yield before
        server.execute(f"DROP DATABASE {name}")


@pytest.fixture(scope="module")
def migrated(unmigrated: str) -> str:
    """The same database with partitions."""
    migrate(unmigrated)
    return unmigrated


@pytest.fixture
def database(migrated: str) -> Iterator[Connection]:
    """Partitions and no events; the sequence continues."""
    with psycopg.connect(migrated, autocommit=True) as database:
        database.execute("TRUNCATE events_event")
        yield database


def value(database: Connection, sql: str, *values: object) -> object:
    row = database.execute(sql, values).fetchone()
    assert row is not None
    return row[0]


def partitions(database: Connection) -> list[tuple[object, ...]]:
    """(lower, upper, whether it holds what is kept) of each but the default one."""
    return database.execute("SELECT lower, upper, is_kept FROM events_partitions() WHERE upper IS NOT NULL").fetchall()


def fill(database: Connection) -> None:
    """The sequence leaves the current partition, and the next one is there."""
    database.execute("SELECT setval('events_event_id_seq', (SELECT max(lower) FROM events_partitions()))")
    database.execute("SELECT events_add_partitions()")


def add_old(database: Connection) -> None:
    """Old events of nobody and of Alice, in a partition that is full afterwards."""
    for number in range(3):
        database.execute(OLD_INSERT, ["onramp.step.done", f"run:{number}", ""])
    database.execute(OLD_INSERT, ["onramp.run.cancelled", "run:1", "alice"])
    database.execute(OLD_INSERT, ["onramp.membership.added", "team:acme-storefront", ""])
    fill(database)


def subjects(database: Connection) -> list[object]:
    return [row[0] for row in database.execute("SELECT subject FROM events_event ORDER BY id").fetchall()]


def test_an_existing_database_is_migrated_under_a_running_worker(unmigrated: str) -> None:
    """The worker has prepared its statements, and goes on with them."""
    with psycopg.connect(unmigrated, autocommit=True, prepare_threshold=0) as worker:
        for number in range(3):
            worker.execute(INSERT, ["onramp.step.done", f"run:{number}", ""])
        read = "SELECT id, subject FROM events_event WHERE subject = %s"
        before = worker.execute(read, ["run:2"]).fetchall()
        migrate(unmigrated)
        worker.execute(INSERT, ["onramp.step.done", "run:3", ""])
        assert worker.execute(read, ["run:2"]).fetchall() == before
        assert subjects(worker) == [f"run:{number}" for number in range(4)]
        assert value(worker, "SELECT count(*) FROM events_event_0") == 4
        assert partitions(worker) == [(0, STEP, False), (STEP, 2 * STEP, False)]
        assert value(worker, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
        assert value(worker, "SELECT count(*) FROM pg_indexes WHERE tablename = 'events_event_0'") == 7, "built twice"


def test_one_partition_lies_ahead(database: Connection) -> None:
    fill(database)
    last = partitions(database)[-1]
    assert value(database, "SELECT last_value FROM events_event_id_seq") < last[0]  # type: ignore[operator]
    assert value(database, "SELECT events_add_partitions()") == 0


def test_an_insert_beyond_all_partitions_succeeds_and_its_rows_become_a_partition(database: Connection) -> None:
    edge = value(database, "SELECT max(upper) + 5 FROM events_partitions()")
    database.execute("SELECT setval('events_event_id_seq', %s)", [edge])
    database.execute(INSERT, ["onramp.step.done", "run:far", ""])
    assert value(database, "SELECT count(*) FROM events_event_default") == 1
    database.execute("SELECT events_add_partitions()")
    assert value(database, "SELECT count(*) FROM events_event_default") == 0
    assert subjects(database) == ["run:far"]
    edges = partitions(database)
    assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(edges)), "a gap"
    database.execute(INSERT, ["onramp.step.done", "run:next", ""])
    assert value(database, "SELECT count(*) FROM events_event_default") == 0


def test_a_busy_month_gets_larger_partitions(database: Connection) -> None:
    fill(database)
    database.execute(INSERT, ["onramp.step.done", "run:1", ""])
    database.execute("SELECT setval('events_event_id_seq', (SELECT max(lower) FROM events_partitions()))")
    database.execute("SELECT events_add_partitions()")
    lower, upper, _ = partitions(database)[-1]
    assert upper - lower == 10 * STEP  # type: ignore[operator]


def test_old_events_leave_and_what_people_did_stays(database: Connection) -> None:
    add_old(database)
    database.execute(INSERT, ["onramp.step.done", "run:new", ""])
    kept = database.execute(
        "SELECT id FROM events_event WHERE source <> 'onramp' OR type NOT LIKE 'onramp.step.%'"
    ).fetchall()
    (rows, size), removed = database.execute("SELECT rows, bytes FROM events_removable(%s)", [AGE]).fetchall()[0], 0
    while (count := value(database, "SELECT events_remove_partition(%s)", AGE)) is not None:
        removed += int(str(count))
    assert (rows, removed) == (3, 3)
    assert int(str(size)) > 100
    assert subjects(database) == ["run:1", "team:acme-storefront", "run:new"]
    assert database.execute("SELECT id FROM events_event WHERE subject <> 'run:new' ORDER BY id").fetchall() == kept


def test_what_is_kept_of_several_partitions_is_one(database: Connection) -> None:
    for _ in range(3):
        add_old(database)
        while value(database, "SELECT events_remove_partition(%s)", AGE) is not None:
            pass
    assert len([row for row in partitions(database) if row[2]]) == 1
    assert subjects(database) == ["run:1", "team:acme-storefront"] * 3


def test_young_events_and_the_current_partition_stay(database: Connection) -> None:
    database.execute(OLD_INSERT, ["onramp.step.done", "run:1", ""])
    assert value(database, "SELECT events_remove_partition(%s)", AGE) is None
    database.execute(INSERT, ["onramp.step.done", "run:2", ""])
    fill(database)
    while value(database, "SELECT events_remove_partition(%s)", AGE) is not None:
        pass
    assert subjects(database) == ["run:1", "run:2"]
    with pytest.raises(InvalidParameterValue, match="seven days at least"):
        value(database, "SELECT events_remove_partition('1 day')")


def test_no_partition_is_changed_by_anybody(database: Connection) -> None:
    """Neither through the table nor directly, neither what is new nor what is kept, nor what the default partition caught."""
    add_old(database)
    while value(database, "SELECT events_remove_partition(%s)", AGE) is not None:
        pass
    fill(database)
    database.execute(INSERT, ["onramp.step.done", "run:new", ""])
    tables = [
        str(row[0]) for row in database.execute("SELECT DISTINCT tableoid::regclass FROM events_event").fetchall()
    ]
    assert len(tables) == 2
    database.execute(
        "INSERT INTO events_event_default (id, type, source, subject, data, person) VALUES (-1, '', '', '', '{}', '')"
    )
    for table in ("events_event", "events_event_default", *tables):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET person = 'mallory'"):
            with pytest.raises(InsufficientPrivilege, match="append-only"):
                database.execute(f"SET onramp.retention = 'on'; {statement}")


def test_a_role_that_owns_nothing_records_and_removes(database: Connection) -> None:
    """By the rights that the documentation gives it; a predefined role, as the tests cannot create another."""
    add_old(database)
    with database.transaction():
        database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO pg_database_owner")
        database.execute("SET LOCAL ROLE pg_database_owner")
        database.execute(INSERT, ["onramp.step.done", "run:mine", ""])
        database.execute("SELECT events_add_partitions()")
        while value(database, "SELECT events_remove_partition(%s)", AGE) is not None:
            pass
    assert subjects(database) == ["run:1", "team:acme-storefront", "run:mine"]


def test_a_long_reader_is_not_waited_for(database: Connection, migrated: str) -> None:
    """The removal changes nothing and says so, and workers go on."""
    add_old(database)
    before = partitions(database)
    with psycopg.connect(migrated) as reader:
        reader.execute("SELECT count(*) FROM events_event")
        with pytest.raises(LockNotAvailable):
            database.execute("SELECT events_remove_partition(%s)", [AGE])
        assert partitions(database) == before
        database.execute(INSERT, ["onramp.step.done", "run:meanwhile", ""])
    assert value(database, "SELECT events_remove_partition(%s)", AGE) is not None


def test_rights_on_the_table_are_the_same_afterwards(migrated: str) -> None:
    """Those that were granted before the migration hold after it."""
    with psycopg.connect(migrated, autocommit=True) as database:
        grants = "SELECT count(*) FROM information_schema.role_table_grants WHERE table_name = 'events_event' AND grantee = 'pg_monitor'"
        assert value(database, grants) == 1


@pytest.mark.django_db
def test_the_names_of_the_indexes_are_those_of_the_model() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'events_event'")
        assert {name for (name,) in cursor.fetchall()} >= {"event_by_subject", "event_of_act", "events_event_pkey"}
