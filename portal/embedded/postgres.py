"""PostgreSQL as a child process: its programs from a wheel, its data in a folder, a password for everybody."""

import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from portal.embedded import programs, secrets, unprivileged
from portal.embedded.errors import EmbeddedError
from portal.embedded.proc import identity, working_folder
from portal.embedded.processes import MARK, TICK, Account, Launch, start, stop
from portal.embedded.programs import PostgresPrograms

NAME = "onramp"
"""Of the database and of its owner, who may create databases (for the tests) and nothing else."""
START_SECONDS = 60
RETRY_PAUSE = 0.5
STILL_IN_USE = "is still in use"
"""PostgreSQL's message while processes of a killed server have not ended yet."""
SOCKET_PATH_LIMIT = 107
"""Bytes, Linux's limit; `.s.PGSQL.5432` comes after the folder."""


class Postgres:
    """`Postgres(folder).start()` returns the URL. The data survive a kill -9 of any process.

    fsync and synchronous_commit stay on: if the server lost an intent, the engine would repeat an effect.
    """

    name = "postgres"

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.log = log or self.folder / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.sockets: Path | None = None
        self.note = ""
        """Where the data are, if not in the folder."""

    @property
    def url(self) -> str:
        """postgresql://…, through the private socket. Valid once started."""
        return f"postgresql://{NAME}:{self._password}@{quote(str(self._sockets()), safe='')}/{NAME}"

    @property
    def _password(self) -> str:
        return secrets.load_or_create(self.folder / "password")

    def start(self) -> str:
        """Start it, creating the data the first time, and wait until it answers. Raises EmbeddedError.

        The URL stays the same after a crash, but not after `stop`.
        """
        _traversable(self.folder)
        data, account, installation = self._locate()
        if not (data / "PG_VERSION").exists():
            self._initialise(data, account, installation)
        self._launch(data, account, installation)
        self._await(retry=functools.partial(self._launch, data, account, installation))
        self._create_database()
        return self.url

    def stop(self) -> None:
        """A clean stop: connections are closed, and everything committed is on disk."""
        if self.process is not None:
            stop(self.process, signal.SIGINT, patience=30)
        if self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.process = self.sockets = None

    def remove(self) -> None:
        """Stop it and remove the data, also where they are elsewhere."""
        self.stop()
        elsewhere = self._elsewhere()
        shutil.rmtree(self.folder, ignore_errors=True)
        if elsewhere:
            shutil.rmtree(elsewhere, ignore_errors=True)

    def _locate(self) -> tuple[Path, Account, PostgresPrograms]:
        """The data folder, the user that owns it, and the programs for it."""
        data = self._elsewhere() or self.folder / "data"
        version = data / "PG_VERSION"
        installation = programs.postgres(int(version.read_text()) if version.exists() else None)
        account = unprivileged.account(installation, data)
        if account.uid is not None and not unprivileged.can_enter(account, data.parent):
            data = self._move(data)
        if not data.is_relative_to(self.folder):
            self.note = f"PostgreSQL's user cannot reach {self.folder}, so the data are in {data}"
        if account.uid is not None and data.exists() and data.stat().st_uid != account.uid:
            _change_owner(data, account.uid)
        return data, account, unprivileged.runnable(installation, account)

    def _elsewhere(self) -> Path | None:
        pointer = self.folder / "elsewhere"
        return Path(pointer.read_text().strip()) if pointer.exists() else None

    def _move(self, data: Path) -> Path:
        """To where an ordinary user can reach them; the folder keeps a pointer."""
        target = unprivileged.shared_folder() / f"data-{sha256(str(self.folder).encode()).hexdigest()[:12]}"
        shutil.rmtree(target, ignore_errors=True)  # nothing points to it: the folder was removed to start afresh
        if data.exists():
            shutil.copytree(data, target, symlinks=True)
            shutil.rmtree(data)
        secrets.write(self.folder / "elsewhere", str(target))
        return target

    def _initialise(self, data: Path, account: Account, installation: PostgresPrograms) -> None:
        """Under another name first, so that a kill in the middle leaves nothing that seems finished."""
        part = data.with_name(f"{data.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)
        part.mkdir(mode=0o700)
        password = self._sockets(account) / "password"
        secrets.write(password, self._password, account.uid)
        if account.uid is not None:
            os.chown(part, account.uid, account.gid or -1)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = locale if installation.major >= 17 else ["--locale=C.UTF-8"]
        self._run_initdb(
            [str(installation.bin / "initdb"), f"--pgdata={part}", "--username=postgres", f"--pwfile={password}",
             "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions", *options],
            account,
        )  # fmt: skip
        password.unlink()
        part.rename(data)

    def _run_initdb(self, command: list[str], account: Account) -> None:
        process = start(Launch(command, self.log, Path("/"), _environment(), account))
        if process.wait() != 0:
            raise EmbeddedError(f"PostgreSQL could not create its data folder.{self._end_of_log()}")

    def _sockets(self, account: Account | None = None) -> Path:
        """A private folder with a short name: a socket in the data folder could exceed the limit."""
        if self.sockets is None:
            base = next((name for name in ("/tmp", "/var/tmp") if os.access(name, os.W_OK)), tempfile.gettempdir())  # noqa: S108 - mkdtemp makes it private
            self.sockets = Path(tempfile.mkdtemp(prefix="onramp-", dir=base))
            if len(os.fsencode(self.sockets / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT:
                raise EmbeddedError(f"The path {self.sockets} is too long for a socket. Set TMPDIR to a shorter one.")
        if account is not None and account.uid is not None:
            os.chown(self.sockets, account.uid, account.gid or -1)
        return self.sockets

    def _launch(self, data: Path, account: Account, installation: PostgresPrograms) -> None:
        _remove_stale_lock(data)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets(account)),
            "unix_socket_permissions": "0700",
            "log_timezone": "UTC",
            "timezone": "UTC",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [str(installation.bin / "postgres"), "-D", str(data), *options]
        environment = _environment() | {MARK: str(self.folder.parent)}
        self.process = start(Launch(command, self.log, Path("/"), environment, account, death_signal=signal.SIGINT))

    def _connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self._sockets()), user="postgres", password=self._password, dbname=database, connect_timeout=5
        )

    def _await(self, retry: Callable[[], None]) -> None:
        """Until it answers. `retry` starts it again while processes of a killed server still use the data."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError as error:
                late = time.monotonic() > deadline
                if self._ended() and not late and STILL_IN_USE in self._end_of_log():
                    time.sleep(RETRY_PAUSE)
                    retry()
                else:
                    self._give_up_on(error, late)
            else:
                return
            time.sleep(TICK)

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _give_up_on(self, error: psycopg.OperationalError, late: bool) -> None:
        ended = self._ended()
        refused = "password authentication failed" in str(error)
        if not (ended or refused or late):
            return
        self.stop()
        if refused:
            raise EmbeddedError(
                f"{self.folder / 'password'} is not the password of these data. Remove {self.folder} to start afresh."
            )
        raise EmbeddedError(f"PostgreSQL does not start.{self._end_of_log()}")

    def _create_database(self) -> None:
        with self._connect() as connection:
            connection.autocommit = True
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME]).fetchone():
                role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(role.format(sql.Identifier(NAME), sql.Literal(self._password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                database = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(database.format(sql.Identifier(NAME), sql.Identifier(NAME)))

    def _end_of_log(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-6:] if self.log.exists() else []
        return f" The end of {self.log}:\n  " + "\n  ".join(lines)


def _environment() -> dict[str, str]:
    """Without the PG… variables of a person's shell, which would point to another server."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return variables | {"LC_ALL": "C"}


def _traversable(folder: Path) -> None:
    """PostgreSQL's user may pass through our folder, but not list it."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711)


def _change_owner(data: Path, uid: int) -> None:
    for folder, _, files in os.walk(data):
        os.chown(folder, uid, -1)
        for name in files:
            os.chown(Path(folder, name), uid, -1, follow_symlinks=False)


def _remove_stale_lock(data: Path) -> None:
    """After kill -9 another process may have the id in `postmaster.pid` by now, and PostgreSQL would refuse to start.

    If that process's current folder is the data folder, it is PostgreSQL: then the file stays, and the refusal is right.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    pid = lock.read_text().partition("\n")[0].strip()
    if not pid.isdigit() or identity(int(pid)) is None or working_folder(int(pid)) != data:
        lock.unlink()
