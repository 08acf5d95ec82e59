"""pip for jobs and image builds: the one that Python brings, unpacked once, since nothing is downloaded to have it."""

import shutil
from pathlib import Path

from django.conf import settings

from sandbox.world import machine


def folder() -> Path:
    """Where `import pip` works from."""
    place: Path = settings.DATA / "programs" / "lib"
    return place


def unpack() -> None:
    """Of the wheel of ensurepip, or of the one that Debian keeps apart; nothing happens where there is none."""
    python = machine.python().resolve()
    places = (python.parent.parent / "lib" / python.name / "ensurepip" / "_bundled", Path("/usr/share/python-wheels"))
    wheels = [wheel for place in places for wheel in sorted(place.glob("pip-*.whl"), reverse=True)]
    for wheel in wheels[:1]:
        shutil.unpack_archive(wheel, folder(), "zip")


def command() -> list[str]:
    """pip as a command, outside of any virtual environment."""
    return ["env", f"PYTHONPATH={folder()}", str(machine.python()), "-m", "pip"]


def install(environment: Path) -> None:
    """Put `pip` and `python -m pip` into a virtual environment."""
    (next((environment / "lib").glob("python*")) / "site-packages" / "pip.pth").write_text(f"{folder()}\n")
    for name in ("pip", "pip3"):
        script = environment / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{environment}/bin/python" -m pip "$@"\n')
        script.chmod(0o755)
