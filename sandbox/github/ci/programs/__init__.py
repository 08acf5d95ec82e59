"""Commands that a laptop lacks, put on the PATH of jobs alone. Each is a script that needs nothing of the sandbox."""

import shutil
import sys
from pathlib import Path

from django.conf import settings

from sandbox.github.ci import pip

ALWAYS = ("kubectl",)
WHERE_MISSING = ("curl", "jq")
HERE = Path(__file__).parent


def folder() -> Path:
    path: Path = settings.DATA / "programs"
    return path


def install() -> None:
    """Write the commands into `folder()`; those that the machine has itself are left to it."""
    shutil.rmtree(folder(), ignore_errors=True)
    folder().mkdir(parents=True)
    for name in (*ALWAYS, *(name for name in WHERE_MISSING if shutil.which(name) is None)):
        script = folder() / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{HERE / f"{name}.py"}" "$@"\n')
        script.chmod(0o755)
    pip.unpack()


def names() -> list[str]:
    """The stand-ins that jobs have on this machine."""
    return sorted(path.name for path in folder().glob("[a-z]*") if path.is_file())
