"""The folder that COPY reads from: the build context without the files that .dockerignore excludes, or a stage."""

import re
import shutil
from pathlib import Path

from sandbox.github.ci.image.dockerfile import DockerfileError
from sandbox.github.workflows import patterns


class CopySource:
    def __init__(self, root: Path, ignored: list[str]) -> None:
        """`ignored` are patterns of excluded paths."""
        self.root = root
        self._ignored = ignored

    def find(self, source: str) -> list[Path]:
        """The files and folders that a source names. Raises DockerfileError when there are none."""
        relative = source.lstrip("/") or "."
        paths = sorted(self.root.glob(relative)) if re.search(r"[*?\[]", relative) else [self.root / relative]
        paths = [path for path in paths if path.exists() and not self._is_ignored(path)]
        if not paths or not all(path.resolve().is_relative_to(self.root.resolve()) for path in paths):
            raise DockerfileError(
                "failed to solve: failed to compute cache key: failed to calculate checksum of ref: "
                f'"/{relative}": not found'
            )
        return paths

    def copy(self, path: Path, target: Path, into_folder: bool) -> None:
        """Copy a file, or the content of a folder. A file is copied to `target` itself unless `into_folder`."""
        if path.is_dir():
            for item in sorted(path.rglob("*")):
                if item.is_file() and not self._is_ignored(item):
                    _copy_file(item, target / item.relative_to(path))
            target.mkdir(parents=True, exist_ok=True)
        else:
            _copy_file(path, target / path.name if into_folder else target)

    def _is_ignored(self, path: Path) -> bool:
        return patterns.matches(self._ignored, path.relative_to(self.root).as_posix())


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def ignore_patterns(context: Path) -> list[str]:
    """The patterns of .dockerignore, each for the path itself and for everything below it."""
    path = context / ".dockerignore"
    lines = path.read_text(errors="replace").splitlines() if path.is_file() else []
    globs = [".git", ".git/**"] if not lines else []
    for line in (line.strip() for line in lines):
        if line and not line.startswith("#"):
            sign, glob = ("!", line[1:]) if line.startswith("!") else ("", line)
            glob = glob.strip("/").removeprefix("./")
            globs += [f"{sign}{glob}", f"{sign}{glob}/**"]
    return globs
