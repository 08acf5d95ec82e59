"""Handwritten statements, bound and prepared by the server, which saves planning them on every execution."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from django.db import connection
from psycopg import Cursor


@cache
def load(package: str, name: str) -> str:
    """The statement in `sql/<name>.sql` of an importable package. Raises FileNotFoundError."""
    return files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def execute(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows that the statement returns; an empty list where it returns none. JSON arrives as text."""
    connection.ensure_connection()
    server_side = cast(Any, Cursor(connection.connection))
    with connection.make_cursor(server_side) as cursor:
        cursor.execute(statement, parameters)
        result = cursor.pgresult  # asking for a description would create an object for every column
        rows: list[tuple[Any, ...]] = cursor.fetchall() if result is not None and result.nfields else []
        return rows
