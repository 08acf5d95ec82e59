"""Running git, apart from any configuration of the machine's user."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sandbox.world import cast

ZERO = "0" * 40
SECONDS = 60


class GitError(Exception):
    """git refused; the text is what it said."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for git: no configuration but the repository's own, no questions."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "GitHub",
        "GIT_AUTHOR_EMAIL": f"noreply@{cast.DOMAIN}",
        "GIT_COMMITTER_NAME": "GitHub",
        "GIT_COMMITTER_EMAIL": f"noreply@{cast.DOMAIN}",
        "LC_ALL": "C",
        **(extra or {}),
    }


def git(path: Path, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
    """What `git <arguments>` prints, run in the repository at `path`. Raises GitError when it fails."""
    command = ["git", f"--git-dir={path}", *arguments]
    done = subprocess.run(  # noqa: S603 - a list, no shell
        command, input=stdin, capture_output=True, env=environment(env), timeout=SECONDS, check=False
    )
    if done.returncode:
        raise GitError(done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed")
    return done.stdout


def text(path: Path, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    return git(path, *arguments, stdin=stdin, env=env).decode(errors="replace").strip()


def asks(path: Path, *arguments: str) -> bool:
    """Whether a question to git (`merge-base --is-ancestor`, …) is answered with yes."""
    try:
        git(path, *arguments)
    except GitError:
        return False
    return True
