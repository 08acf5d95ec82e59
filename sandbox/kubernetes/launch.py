"""The command, environment and files with which a container's process starts.

The environment is the image's, overlaid with the manifest's, plus HOSTNAME and PATH. The files are the pod's own copy
of the image's. A process here has no root directory of its own, so a path of the image in the command or environment
becomes the path of the copy.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from sandbox.kubernetes.network import Network
from sandbox.registry.models import Image
from sandbox.world import machine

Body = dict[str, Any]


@dataclass(frozen=True)
class Launch:
    command: list[str]
    folder: Path
    variables: dict[str, str]

    def missing_program(self) -> str | None:
        """The program that is not installed: the command's, or the one that a shell replaces itself with."""
        shell = self.command[:2] == ["sh", "-c"] and self.command[2:]
        replacement = re.match(r"exec (?P<program>[\w./-]+)", self.command[2]) if shell else None
        for program in (self.command[0], *([replacement["program"]] if replacement else [])):
            path = str(self.folder / program) if "/" in program else program
            if shutil.which(path, path=self.variables["PATH"]) is None:
                return program
        return None


def prepare(image: Image, pod: Body, container: Body, network: Network, variables: dict[str, str]) -> Launch:
    """Copy the image's files. Returns how to start the container's process; the command can be empty."""
    root = _copy_files(image, pod["metadata"]["uid"], container["name"])
    base = {"PATH": _search_path(root), "HOSTNAME": pod["metadata"]["name"]}
    of_image = {key: _inside(root, str(value)) for key, value in image.environment.items() if key != "PATH"}
    folder = root / (container.get("workingDir") or image.workdir or "/").lstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    command = [_inside(root, word) for word in _command(image, container)]
    return Launch(command, folder, network.environment({**base, **of_image, **variables}))


def _command(image: Image, container: Body) -> list[str]:
    command, arguments = container.get("command") or [], container.get("args") or []
    if arguments and not command:
        return [*image.command[:1], *arguments]
    return [*command, *arguments] or image.command


def _copy_files(image: Image, uid: str, container: str) -> Path:
    """The pod's own copy of the image's files. Every start gets a fresh copy."""
    root = Path(settings.DATA) / "pods" / uid / f"{container}.root"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(image.root, root, symlinks=True)
    return root


def _inside(root: Path, text: str) -> str:
    """The text; if it is a path of the image, the path of the copy."""
    if text.startswith("/") and text != "/" and (root / text.lstrip("/")).exists():
        return str(root / text.lstrip("/"))
    return text


def _search_path(root: Path) -> str:
    """PATH: the folders of the image, the interpreters of base images, the folders of the machine."""
    folders = [root / name for name in ("usr/local/bin", "usr/bin", "bin", "app/node_modules/.bin")]
    image_folders = [str(folder) for folder in folders if folder.is_dir()]
    return ":".join([*image_folders, str(_interpreters()), "/usr/local/bin", "/usr/bin", "/bin"])


def _interpreters() -> Path:
    """A folder with the interpreters of base images: `python` without our own packages, and `node`."""
    folder = Path(settings.DATA) / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    python, node = machine.python().resolve(), machine.node()
    programs = {"python": python, "python3": python, "node": node}
    for name, program in programs.items():
        link = folder / name
        if program is not None and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(program)
    return folder
