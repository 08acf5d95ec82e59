"""pip for jobs and image builds without downloading it: the one that Python brings, behind `programs/pip_front`."""

import shutil
from pathlib import Path

from sandbox.world import machine

FRONT = Path(__file__).parent / "programs" / "pip_front.py"


def real_pip(python: Path) -> str:
    """Where `import pip` works from: the wheel of ensurepip, or the interpreter's packages; empty without any."""
    library = python.resolve().parent.parent / "lib" / python.resolve().name
    for folder in (library / "ensurepip" / "_bundled", Path("/usr/share/python-wheels")):
        wheels = sorted(folder.glob("pip-*.whl"))
        if wheels:
            return str(wheels[-1])
    for folder in (library / "site-packages", Path("/usr/lib/python3/dist-packages")):
        if (folder / "pip" / "__main__.py").is_file():
            return str(folder)
    return ""


def command() -> list[str]:
    """pip as a command, outside of any virtual environment."""
    python = machine.python()
    return ["env", f"SANDBOX_REAL_PIP={real_pip(python)}", str(python), str(FRONT)]


def install(environment: Path, python: Path) -> None:
    """Put `pip` and `python -m pip` into a virtual environment."""
    package = next((environment / "lib").glob("python*")) / "site-packages" / "pip"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "real.txt").write_text(real_pip(python))
    shutil.copy(FRONT, package / "__main__.py")
    for name in ("pip", "pip3"):
        script = environment / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{environment}/bin/python" -m pip "$@"\n')
        script.chmod(0o755)
