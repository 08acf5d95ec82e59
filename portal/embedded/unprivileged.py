"""As whom PostgreSQL runs when we are root, whom its programs refuse.

First choice: a user namespace in which root bears another number (`unshare --user --map-user`); the files stay
root's, and nobody else gains anything. Where that is not allowed, or where ONRAMP_POSTGRES_USER names somebody: an
ordinary user of the machine, with a data folder of theirs and, where they cannot reach them, a copy of the programs.
No folder that was there before changes its mode.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from portal.embedded.errors import EmbeddedError
from portal.embedded.processes import OURSELVES, Account
from portal.embedded.programs import PostgresPrograms

VARIABLE = "ONRAMP_POSTGRES_USER"
"""Name of the user that runs PostgreSQL when root starts it; empty: a user namespace, else the first of LIKELY."""
PLACE_VARIABLE = "ONRAMP_POSTGRES_FOLDER"
"""Folder for data and programs that this user cannot reach elsewhere."""
LIKELY = ("postgres", "nobody", "daemon")


def account(programs: PostgresPrograms, data: Path) -> Account:
    """Who can run these programs over this data folder (which may not be there yet). Raises EmbeddedError."""
    if os.geteuid() != 0:
        return OURSELVES
    owner = data.stat().st_uid if data.exists() else 0
    if owner != 0:
        person = pwd.getpwuid(owner)
        return Account((), person.pw_uid, person.pw_gid)
    mapped = None if os.environ.get(VARIABLE) else _mapped(programs, data.parent)
    return mapped or _ordinary()


def _mapped(programs: PostgresPrograms, folder: Path) -> Account | None:
    """Root under another number; None where the machine does not allow it or a folder on the way is not root's."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    prefix = (unshare, "--user", f"--map-user={_person().pw_uid}", "--")
    can = _succeeds([*prefix, str(programs.bin / "postgres"), "--version"])
    return Account(prefix) if can and _succeeds([*prefix, "test", "-w", str(folder)]) else None


def _ordinary() -> Account:
    person = _person()
    return Account((), person.pw_uid, person.pw_gid)


def _person() -> pwd.struct_passwd:
    wanted = os.environ.get(VARIABLE)
    known = {one.pw_name: one for one in pwd.getpwall() if one.pw_uid != 0}
    if wanted and wanted not in known:
        raise EmbeddedError(f"{VARIABLE} names {wanted}, who is no ordinary user of this machine.")
    found = [known[name] for name in ([wanted] if wanted else LIKELY) if name in known] or list(known.values())
    if not found:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and this machine has no other user: create one (useradd)."
        )
    return found[0]


def reaches(account: Account, folder: Path) -> bool:
    """Whether this account may enter the folder."""
    return _succeeds([*account.prefix, "test", "-x", str(folder)], account)


def runs(account: Account, programs: PostgresPrograms) -> bool:
    return _succeeds([*account.prefix, str(programs.bin / "postgres"), "--version"], account)


def place() -> Path:
    """Where an ordinary user can reach what root put there. Raises EmbeddedError."""
    folder = Path(os.environ.get(PLACE_VARIABLE) or "/var/lib/onramp")
    try:
        folder.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(
            f"PostgreSQL's user cannot reach this folder and {folder} cannot be made ({error.strerror}): start as an "
            f"ordinary user, put the data elsewhere with --data, or name a folder in {PLACE_VARIABLE}."
        ) from error
    return folder


def reachable(programs: PostgresPrograms, account: Account) -> PostgresPrograms:
    """The programs, or a copy of them that the account can read. Raises EmbeddedError."""
    if runs(account, programs):
        return programs
    if programs.tree is None or programs.libraries is None:
        raise EmbeddedError(f"{programs.bin} cannot be read by the user of PostgreSQL.")
    target = place() / f"postgresql-{programs.version}"
    copied = PostgresPrograms(target / "package/pginstall/bin", programs.version)
    if not runs(account, copied):
        _copy(programs.tree, programs.libraries, target)
    if not runs(account, copied):
        raise EmbeddedError(f"The copy of PostgreSQL's programs in {target} does not run; remove it and try again.")
    return copied


def _copy(tree: Path, libraries: Path, target: Path) -> None:
    """The programs find their libraries three folders up and beside; see their RPATH."""
    part = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(tree, part / "package/pginstall", symlinks=True, ignore=shutil.ignore_patterns("include", "doc"))
    shutil.copytree(libraries, part / libraries.name, symlinks=True)
    for folder, _, files in os.walk(part):
        os.chmod(folder, 0o755)  # noqa: S103 - our own copy of public programs
        for name in files:
            os.chmod(Path(folder, name), 0o755)  # noqa: S103
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


def _succeeds(command: list[str], account: Account = OURSELVES) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - our own questions to the machine
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            timeout=10,
            check=False,
            user=account.uid,
            group=account.gid,
            extra_groups=[] if account.gid is not None else None,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
