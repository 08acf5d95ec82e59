"""Which user runs PostgreSQL when we are root: its programs refuse to run as root.

First choice: a user namespace in which root has another id (`unshare --user --map-user`). The files stay root's, and no
other user gains access. Where that is not allowed, or where ONRAMP_POSTGRES_USER is set: an ordinary user of the machine,
who owns the data folder and gets a copy of the programs if they cannot be reached. Existing folders keep their mode.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from portal.embedded.errors import EmbeddedError
from portal.embedded.processes import OUR_OWN, Account
from portal.embedded.programs import PostgresPrograms

VARIABLE = "ONRAMP_POSTGRES_USER"
"""Names the user that runs PostgreSQL when root starts it; empty: a user namespace, else the first of CANDIDATES."""
FOLDER_VARIABLE = "ONRAMP_POSTGRES_FOLDER"
"""Names the folder for data and programs that this user cannot reach elsewhere."""
CANDIDATES = ("postgres", "nobody", "daemon")


def account(programs: PostgresPrograms, data: Path) -> Account:
    """The user that can run these programs on this data folder (which need not exist yet). Raises EmbeddedError."""
    if os.geteuid() != 0:
        return OUR_OWN
    owner = data.stat().st_uid if data.exists() else 0
    if owner != 0:
        user = pwd.getpwuid(owner)
        return Account((), user.pw_uid, user.pw_gid)
    namespace = None if os.environ.get(VARIABLE) else _in_namespace(programs, data.parent)
    return namespace or _ordinary()


def _in_namespace(programs: PostgresPrograms, folder: Path) -> Account | None:
    """Root with another id; None where the machine does not allow it, or a parent folder is not root's."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    prefix = (unshare, "--user", f"--map-user={_user().pw_uid}", "--")
    can_run = _succeeds([*prefix, str(programs.bin / "postgres"), "--version"])
    return Account(prefix) if can_run and _succeeds([*prefix, "test", "-w", str(folder)]) else None


def _ordinary() -> Account:
    user = _user()
    return Account((), user.pw_uid, user.pw_gid)


def _user() -> pwd.struct_passwd:
    requested = os.environ.get(VARIABLE)
    users = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid != 0}
    if requested and requested not in users:
        raise EmbeddedError(f"{VARIABLE} names {requested}, who is not an ordinary user of this machine.")
    names = [requested] if requested else CANDIDATES
    candidates = [users[name] for name in names if name in users] or list(users.values())
    if not candidates:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and this machine has no other user. Create one with useradd."
        )
    return candidates[0]


def can_enter(account: Account, folder: Path) -> bool:
    """Whether this account may enter the folder."""
    return _succeeds([*account.prefix, "test", "-x", str(folder)], account)


def can_run(account: Account, programs: PostgresPrograms) -> bool:
    """Whether this account can run these programs."""
    return _succeeds([*account.prefix, str(programs.bin / "postgres"), "--version"], account)


def shared_folder() -> Path:
    """A folder whose contents an ordinary user can reach. Raises EmbeddedError."""
    folder = Path(os.environ.get(FOLDER_VARIABLE) or "/var/lib/onramp")
    try:
        folder.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(
            f"PostgreSQL's user cannot reach this folder, and {folder} cannot be created ({error.strerror}). Start as an "
            f"ordinary user, name another folder with --data, or set {FOLDER_VARIABLE} to a folder for the data."
        ) from error
    return folder


def runnable(programs: PostgresPrograms, account: Account) -> PostgresPrograms:
    """The programs, or a copy of them that the account can run. Raises EmbeddedError."""
    if can_run(account, programs):
        return programs
    if programs.tree is None or programs.libraries is None:
        raise EmbeddedError(
            f"PostgreSQL's user cannot read {programs.bin}. Start as an ordinary user, or set {VARIABLE} to one who can."
        )
    target = shared_folder() / f"postgresql-{programs.version}"
    copy = PostgresPrograms(target / "package/pginstall/bin", programs.version)
    if not can_run(account, copy):
        _copy(programs.tree, programs.libraries, target)
    if not can_run(account, copy):
        raise EmbeddedError(f"The copy of PostgreSQL's programs in {target} does not run. Remove it and try again.")
    return copy


def _copy(tree: Path, libraries: Path, target: Path) -> None:
    """The programs find their libraries in a sibling of the folder three levels up; see their RPATH."""
    part = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(tree, part / "package/pginstall", symlinks=True, ignore=shutil.ignore_patterns("include", "doc"))
    shutil.copytree(libraries, part / libraries.name, symlinks=True)
    for folder, _, files in os.walk(part):
        os.chmod(folder, 0o755)  # noqa: S103 - our own copy of public programs
        for name in files:
            os.chmod(Path(folder, name), 0o755)  # noqa: S103
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


def _succeeds(command: list[str], account: Account = OUR_OWN) -> bool:
    try:
        result = subprocess.run(  # noqa: S603 - our own commands
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
    return result.returncode == 0
