"""What a fuzzing process needs around the parsers: Django, and a database of its own for each parser that stores something."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection, transaction
from psycopg import sql

from tests.fuzz.parser import Document, Parser

TEMPLATE = "onramp_fuzz"


@contextmanager
def databases(parsers: list[Parser]) -> Iterator[None]:
    """A migrated database for each parser that needs one, so that no two wait for each other's rows."""
    if not any(parser.database for parser in parsers):
        yield
        return
    connection.settings_dict["TEST"]["NAME"] = name = f"{TEMPLATE}_{os.getpid()}"
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    connection.close()
    names = [_name(parser, name) for parser in parsers if parser.database]
    try:
        _administer([f"CREATE DATABASE {{}} TEMPLATE {name}"] * len(names), names)
        yield
    finally:
        _administer(["DROP DATABASE IF EXISTS {} WITH (FORCE)"] * len(names), names)
        connection.creation.destroy_test_db(before, verbosity=0)


def _name(parser: Parser, template: str) -> str:
    return f"{template}_{parser.name.replace('-', '_')}"


def _administer(statements: list[str], names: list[str]) -> None:
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as administrator:
        for statement, name in zip(statements, names, strict=True):
            administrator.execute(sql.SQL(statement).format(sql.Identifier(name)))


class Runner:
    """Gives documents to one parser in this process. Everything happens in one transaction that nobody commits."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        if parser.database:
            self._enter()
        parser.prepare()

    def _enter(self) -> None:
        connection.settings_dict["NAME"] = _name(self._parser, connection.settings_dict["NAME"])
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def run(self, document: Document) -> None:
        """Raises whatever the parser raises; that is a fault."""
        if not self._parser.database:
            self._parser.run(document)
            return
        with transaction.atomic():
            try:
                self._parser.run(document)
            finally:
                transaction.set_rollback(True)
