"""A PostgreSQL server that a test may kill, cut off, fill and make read-only, in place of the tests' usual one."""

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


class DedicatedDatabase:
    """`use` points this process, and those it forks, to the server; `leave` points it back."""

    def __init__(self, folder: Path) -> None:
        self.server = Postgres(folder)
        self.url = self.server.start()
        self._settings = connections["default"].settings_dict
        self._before = dict(self._settings)

    @property
    def socket(self) -> str:
        return f"{self.server.sockets}/.s.PGSQL.5432"

    def use(self, **settings: object) -> None:
        """Connect to it; another HOST or PORT leads through a proxy."""
        connections["default"].close()
        self._settings.update(dj_database_url.parse(self.url) | settings)  # threads share these settings

    def leave(self) -> None:
        connections["default"].close()
        self._settings.update(self._before)

    def restart_immediately(self) -> None:
        """As `pg_ctl restart -m immediate`: clients get no warning, and uncommitted changes are gone."""
        assert self.server.process is not None
        self.server.process.send_signal(signal.SIGQUIT)
        self.server.process.wait(30)
        self.server.start()


@pytest.fixture(scope="session")
def migrated_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DedicatedDatabase]:
    with django_db_blocker.unblock():
        database = DedicatedDatabase(tmp_path_factory.mktemp("dedicated") / "postgres")
        database.use()
        call_command("migrate", verbosity=0)
        database.leave()
    yield database
    database.server.remove()


@pytest.fixture
def database(migrated_database: DedicatedDatabase, django_db_blocker: DjangoDbBlocker) -> Iterator[DedicatedDatabase]:
    """Writes are committed, and our tables are emptied at the end of the test."""
    with django_db_blocker.unblock():
        migrated_database.use()
        yield migrated_database
        empty_our_tables()
        migrated_database.leave()
