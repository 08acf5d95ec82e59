"""Running git, isolated from the configuration of the machine's user."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sandbox.world import cast

NULL_SHA = "0" * 40
TIMEOUT_SECONDS = 60


class GitError(Exception):
    """git failed; the message is its standard error output."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for git: no configuration except the repository's, and no prompts."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **inherited,
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
    """The output of `git <arguments>`, run in the repository at `path`. Raises GitError when it fails."""
    command = ["git", f"--git-dir={path}", *arguments]
    process = subprocess.run(  # noqa: S603 - a list, no shell
        command, input=stdin, capture_output=True, env=environment(env), timeout=TIMEOUT_SECONDS, check=False
    )
    if process.returncode:
        raise GitError(process.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed")
    return process.stdout


def text(path: Path, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    return git(path, *arguments, stdin=stdin, env=env).decode(errors="replace").strip()


def succeeds(path: Path, *arguments: str) -> bool:
    """Whether a git command exits with 0, for commands that test something (`merge-base --is-ancestor`, …)."""
    try:
        git(path, *arguments)
    except GitError:
        return False
    return True
