"""What finished runs take on the disk, before and after what is old was removed."""

import time

from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tests import history
from tests.conftest import create_cast

OURS = ("catalog", "events", "engine", "onboarding", "portal")
OLD = 400
"""Days: older than every age."""


def report(count: int) -> str:
    """In an emptied database. Space that removed rows leave is used again; a VACUUM FULL shows how much that is."""
    with connection.cursor() as cursor:
        models = [model for app in OURS for model in apps.get_app_config(app).get_models()]
        cursor.execute(f"TRUNCATE {', '.join(model._meta.db_table for model in models)} CASCADE")
        empty = _size()
        source = history.template(create_cast())
        history.add(source, count, days=OLD)
        full, rows = _size(), _rows()
        cursor.execute("SELECT setval('events_event_id_seq', (SELECT max(lower) FROM events_partitions()))")
        began = time.perf_counter()
        call_command("prune")
        seconds = time.perf_counter() - began
        pruned, rows_left = _size(), _rows()
    return (
        f"{count:,} finished runs, all older than every age; bytes with indexes\n"
        f"  before the removal   {(full - empty) / count / 1000:8.1f} kB and {rows / count:6.1f} rows per run\n"
        f"  after it             {(pruned - empty) / count / 1000:8.1f} kB and {rows_left / count:6.1f} rows per run\n"
        f"  it took              {seconds:8.1f} s\n"
    )


def _size() -> int:
    """Bytes of the database without the space that waits to be used again."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL")
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT sum(reltuples) FROM pg_class WHERE relkind = 'r' AND reltuples > 0 AND relnamespace = current_schema()::regnamespace"
        )
        return int(cursor.fetchone()[0])
