"""Statements that are written out: bound and prepared by the server, which spares planning them each time."""

from collections.abc import Mapping
from typing import Any, cast

from django.db import connection
from psycopg import Cursor


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement returns; nothing where it returns no rows. JSON comes as text."""
    connection.ensure_connection()
    server_side = cast(Any, Cursor(connection.connection))
    with connection.make_cursor(server_side) as cursor:
        cursor.execute(statement, values)
        answer = cursor.pgresult  # asking for a description would make an object of every column
        found: list[tuple[Any, ...]] = cursor.fetchall() if answer is not None and answer.nfields else []
        return found
