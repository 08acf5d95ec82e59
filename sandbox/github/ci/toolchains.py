"""Compilers of this machine for jobs and image builds: what is there really runs, what is not is pretended and says so.

Caches lie below the sandbox's own data, so that a second build takes seconds and a job's HOME stays its own.
"""

import shutil
from pathlib import Path

from django.conf import settings

PROGRAMS = {"go": ("go",), "java": ("java", "mvn")}
"""Stack → the programs that its builds need; without one of them all of them are pretended."""


def there(stack: str) -> bool:
    return all(shutil.which(program) for program in PROGRAMS[stack])


def environment(stack: str) -> dict[str, str]:
    """What keeps a build within the sandbox: no other toolchain is fetched."""
    cache: Path = settings.DATA / "caches" / stack
    cache.mkdir(parents=True, exist_ok=True)
    if stack == "go":
        return {
            "GOCACHE": str(cache / "build"),
            "GOPATH": str(cache / "path"),
            "GOTOOLCHAIN": "local",
            # As images are built: what the tests compiled is then not compiled once more.
            "GOFLAGS": "-modcacherw -trimpath",
            "CGO_ENABLED": "0",
        }
    return {"MAVEN_OPTS": f"-Dmaven.repo.local={cache / 'repository'} -Xmx512m"}


def stack_of(program: str) -> str:
    """Whose program this is; nothing for one of no such stack."""
    return next((stack for stack, programs in PROGRAMS.items() if program in programs), "")


def stubs(stack: str, folder: Path) -> Path:
    """A folder with programs that only say what they would do, for a machine without them."""
    folder.mkdir(parents=True, exist_ok=True)
    for program in PROGRAMS[stack]:
        script = folder / program
        script.write_text(f'#!/bin/sh\necho "pretended, not run: this machine has no {program}: {program} $*"\n')
        script.chmod(0o755)
    return folder
