"""Commands that a laptop may lack, on the PATH of jobs only. Each is a script that does not depend on the sandbox."""

import shutil
import sys
from pathlib import Path

from django.conf import settings

from sandbox.github.ci import pip

ALWAYS = ("kubectl",)
IF_MISSING = ("curl", "jq")
SCRIPTS = Path(__file__).parent


def folder() -> Path:
    path: Path = settings.DATA / "programs"
    return path


def install() -> None:
    """Write the commands into `folder()`, except those that the machine has."""
    shutil.rmtree(folder(), ignore_errors=True)
    folder().mkdir(parents=True)
    for name in (*ALWAYS, *(name for name in IF_MISSING if shutil.which(name) is None)):
        script = folder() / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{SCRIPTS / f"{name}.py"}" "$@"\n')
        script.chmod(0o755)
    pip.unpack()


def names() -> list[str]:
    """The stand-ins that jobs have on this machine."""
    return sorted(path.name for path in folder().glob("[a-z]*") if path.is_file())
