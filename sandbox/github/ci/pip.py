"""pip for jobs and image builds: the copy bundled with Python, unpacked once, so that nothing is downloaded."""

import shutil
from pathlib import Path

from django.conf import settings

from sandbox.world import machine


def folder() -> Path:
    """The folder from which pip can be imported."""
    path: Path = settings.DATA / "programs" / "lib"
    return path


def unpack() -> None:
    """Unpack the wheel of ensurepip, or Debian's separate one. Does nothing if there is neither."""
    python = machine.python().resolve()
    folders = (python.parent.parent / "lib" / python.name / "ensurepip" / "_bundled", Path("/usr/share/python-wheels"))
    wheels = [wheel for parent in folders for wheel in sorted(parent.glob("pip-*.whl"), reverse=True)]
    for wheel in wheels[:1]:
        shutil.unpack_archive(wheel, folder(), "zip")


def command() -> list[str]:
    """pip as a command, outside any virtual environment."""
    return ["env", f"PYTHONPATH={folder()}", str(machine.python()), "-m", "pip"]


def install(environment: Path) -> None:
    """Add `pip` and `python -m pip` to a virtual environment."""
    (next((environment / "lib").glob("python*")) / "site-packages" / "pip.pth").write_text(f"{folder()}\n")
    for name in ("pip", "pip3"):
        script = environment / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{environment}/bin/python" -m pip "$@"\n')
        script.chmod(0o755)
