"""Compilers for jobs and image builds. Those that this machine has are run; the others are simulated and say so.

Caches are stored with the sandbox's data, so that a second build takes seconds and a job's HOME stays clean.
"""

import shutil
from pathlib import Path

from django.conf import settings

PROGRAMS = {"go": ("go",), "java": ("java", "mvn")}
"""Stack → the programs that its builds need. If one is missing, all of them are simulated."""


def is_available(stack: str) -> bool:
    return all(shutil.which(program) for program in PROGRAMS[stack])


def environment(stack: str) -> dict[str, str]:
    """The variables that keep a build inside the sandbox: caches, and no download of other toolchains."""
    cache: Path = settings.DATA / "caches" / stack
    cache.mkdir(parents=True, exist_ok=True)
    if stack == "go":
        return {
            "GOCACHE": str(cache / "build"),
            "GOPATH": str(cache / "path"),
            "GOTOOLCHAIN": "local",
            # The flags of image builds, so that what the tests compiled is not compiled again.
            "GOFLAGS": "-modcacherw -trimpath",
            "CGO_ENABLED": "0",
        }
    return {"MAVEN_OPTS": f"-Dmaven.repo.local={cache / 'repository'} -Xmx512m"}


def stack_of(program: str) -> str:
    """The stack that a program belongs to; empty if there is none."""
    return next((stack for stack, programs in PROGRAMS.items() if program in programs), "")


def write_stubs(stack: str, folder: Path) -> Path:
    """Fill a folder with programs that only print what they would run, for a machine without them."""
    folder.mkdir(parents=True, exist_ok=True)
    for program in PROGRAMS[stack]:
        script = folder / program
        script.write_text(f'#!/bin/sh\necho "simulated, not run: this machine has no {program}: {program} $*"\n')
        script.chmod(0o755)
    return folder
