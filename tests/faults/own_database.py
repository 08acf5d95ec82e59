"""A PostgreSQL of its own, which a test may kill, cut, fill and make read-only, in the place of the one of the tests."""

import signal
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from portal.embedded.postgres import Postgres
from tests.journey.conftest import empty_our_tables


class OwnDatabase:
    """`use` leads this process and what it forks there; `leave` leads back."""

    def __init__(self, folder: Path) -> None:
        self.server = Postgres(folder)
        self.url = self.server.start()
        self._settings = connections["default"].settings_dict
        self._before = dict(self._settings)

    @property
    def socket(self) -> str:
        return f"{self.server.sockets}/.s.PGSQL.5432"

    def use(self, **other: object) -> None:
        """Another HOST or PORT leads through a proxy."""
        connections["default"].close()
        self._settings.update(dj_database_url.parse(self.url) | other)  # threads share these settings

    def leave(self) -> None:
        connections["default"].close()
        self._settings.update(self._before)

    def restart_immediately(self) -> None:
        """As `pg_ctl restart -m immediate`: no connection is told, and what is not committed is gone."""
        assert self.server.process is not None
        self.server.process.send_signal(signal.SIGQUIT)
        self.server.process.wait(30)
        self.server.start()


@pytest.fixture(scope="session")
def made_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OwnDatabase]:
    with django_db_blocker.unblock():
        made = OwnDatabase(tmp_path_factory.mktemp("own") / "postgres")
        made.use()
        call_command("migrate", verbosity=0)
        made.leave()
    yield made
    made.server.remove()


@pytest.fixture
def database(made_database: OwnDatabase, django_db_blocker: DjangoDbBlocker) -> Iterator[OwnDatabase]:
    """What is written stays written until the end of the test."""
    with django_db_blocker.unblock():
        made_database.use()
        yield made_database
        empty_our_tables()
        made_database.leave()
