"""A database of the explorer's own, with the schedule's clock and a record of every transition."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from tests.explore.clock import Clock

_INSTALL = """
CREATE UNLOGGED TABLE virtual.transition (
    id bigserial PRIMARY KEY, transaction bigint DEFAULT txid_current(), pid int DEFAULT pg_backend_pid(),
    run uuid, step bigint, effect text DEFAULT '', before text, after text,
    epoch_before bigint, epoch_after bigint, is_expired boolean, blocker boolean NOT NULL DEFAULT false,
    is_try boolean NOT NULL DEFAULT false
);
CREATE FUNCTION virtual.note_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO virtual.transition (run, step, before, after, epoch_before, epoch_after, is_expired) VALUES
        (NEW.run_id, NEW.id, OLD.state, NEW.state, OLD.epoch, NEW.epoch, OLD.lease_until < statement_timestamp());
    RETURN NULL;
END $$;
CREATE FUNCTION virtual.note_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO virtual.transition (run, step, effect, before, after, is_try)
        SELECT run_id, id, NEW.name, coalesce(OLD.state, ''), NEW.state, NEW.tries > coalesce(OLD.tries, 0)
        FROM engine_step WHERE id = NEW.step_id;
    RETURN NULL;
END $$;
CREATE FUNCTION virtual.note_blocker() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO virtual.transition (run, blocker, before, after) VALUES (NEW.run_id, true, OLD.state, NEW.state);
    RETURN NULL;
END $$;
CREATE FUNCTION virtual.note_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO virtual.transition (run, before, after) VALUES (NEW.id, OLD.state, NEW.state);
    RETURN NULL;
END $$;
ALTER TABLE events_event DISABLE TRIGGER USER;
CREATE TRIGGER note AFTER UPDATE ON engine_step FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.epoch <> NEW.epoch) EXECUTE FUNCTION virtual.note_step();
CREATE TRIGGER note AFTER INSERT OR UPDATE ON engine_effect FOR EACH ROW EXECUTE FUNCTION virtual.note_effect();
CREATE TRIGGER note AFTER UPDATE ON onboarding_blocker FOR EACH ROW
    WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at) EXECUTE FUNCTION virtual.note_blocker();
CREATE TRIGGER note AFTER UPDATE ON engine_run FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION virtual.note_run();
"""
_TABLES = (
    "onboarding_ticketcomment, onboarding_blocker, engine_effect, engine_attempt, engine_step, engine_run, events_event, "
    "virtual.transition"
)


@contextmanager
def dedicated(clock: Clock) -> Iterator[None]:
    """Within the block, `connection` and those of new threads lead to it."""
    database = settings.DATABASES["default"]
    database["TEST"]["NAME"] = f"explore_{os.getpid()}"
    before = database["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        clock.install()
        with connection.cursor() as cursor:
            cursor.execute(_INSTALL)
            # Nothing here outlives its server; a COMMIT means the same to the others without waiting for the disk.
            cursor.execute(f'ALTER DATABASE "{database["NAME"]}" SET synchronous_commit = off')
        connection.close()
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def empty() -> None:
    """Before each schedule. Deleting a few rows is quicker than truncating that many tables."""
    with connection.cursor() as cursor:
        for table in _TABLES.split(", "):
            cursor.execute(f"DELETE FROM {table}")


def vacuum() -> None:
    """Once in a while, or the deleted rows slow the others down."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLES} CASCADE")


def pid() -> int:
    """Of this thread's connection."""
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)
