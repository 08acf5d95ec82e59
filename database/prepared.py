"""Handwritten statements, bound and prepared by the server, which saves planning them on every execution."""

import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, cast

from django.db import NotSupportedError, OperationalError, connection
from psycopg import Cursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.errors import FeatureNotSupported

Parameters = Mapping[str, Any]


class _Instants(Loader):
    """Reads a timestamptz as PostgreSQL prints it in ISO style; several times as fast as the loader that the driver has in
    Python. https://docs.python.org/3/library/datetime.html#datetime.datetime.fromisoformat"""

    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(bytes(data).decode())


class _Latest(threading.local):
    """The cursor of this thread's connection: it knows the types of its parameters after the first execution."""

    of: Any = None
    cursor: Any = None


_latest = _Latest()


class OutOfDate(OperationalError):
    """A migration changed the columns of a statement that this connection had prepared. The connection is closed, as if it
    had been lost: the next one prepares the statement again."""


@cache
def load(package: str, name: str) -> str:
    """The statement in `sql/<name>.sql` of an importable package, without its comments and indentation: psycopg parses a
    statement of more than 4,096 characters again for every execution. Raises FileNotFoundError."""
    text = files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(filter(None, (line.partition("--")[0].strip() for line in text.splitlines())))


def execute(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """The rows that the statement returns; an empty list where it returns none. JSON arrives as text.

    Raises OutOfDate only within a transaction, which is lost with its connection.
    """
    try:
        return _execute(statement, parameters)
    except OutOfDate:
        if connection.in_atomic_block:
            raise
        return _execute(statement, parameters)


def execute_in_order(*statements: tuple[str, Parameters]) -> list[tuple[Any, ...]]:
    """The rows of the last statement. All go in one round trip and are one commit: the caller's, or their own. Each sees what
    others had committed when it began itself, and not only what they had when the first one did. Raises OutOfDate."""
    connection.ensure_connection()
    try:
        with connection.wrap_database_errors, connection.connection.pipeline():
            for statement, parameters in statements:
                cursor = _cursor(connection.connection)
                cursor.execute(statement, parameters)
            return cast(list[tuple[Any, ...]], cursor.fetchall())
    except NotSupportedError as error:
        _check_plans(error)
        raise


def _execute(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    opened = connection.connection
    if _latest.of is not opened:
        _latest.of, _latest.cursor = opened, _cursor(opened)
    cursor = _latest.cursor
    try:
        cursor.execute(statement, parameters)
    except NotSupportedError as error:
        _check_plans(error)
        raise
    result = cursor.pgresult  # asking for a description would create an object for every column
    return cast(list[tuple[Any, ...]], cursor.fetchall()) if result is not None and result.nfields else []


def _cursor(opened: Any) -> Any:
    cursor = Cursor(opened)
    cursor.adapters.register_loader("timestamptz", _Instants)
    return connection.make_cursor(cast(Any, cursor))


def _check_plans(error: NotSupportedError) -> None:
    """Closes the connection and raises OutOfDate where PostgreSQL says “cached plan must not change result type”."""
    if isinstance(error.__cause__, FeatureNotSupported):
        connection.close()
        raise OutOfDate(str(error)) from error
