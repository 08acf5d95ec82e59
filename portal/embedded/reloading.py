"""Whether files changed since the last check."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

NOT_PRODUCT = {"tests", "sandbox", "bench"}
SUFFIXES = {".py", ".sql"}


class Changes:
    """Compares the newest modification time of the files."""

    def __init__(self, files: Callable[[], Iterable[Path]]) -> None:
        self.files = files
        self.newest = self._newest()

    def happened(self) -> bool:
        """Whether a file changed since the last call."""
        before, self.newest = self.newest, self._newest()
        return self.newest != before

    def _newest(self) -> float:
        return max(map(_modified, self.files()), default=0)


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # removed in this moment, as editors do when they save
        return 0


def code_files(root: Path) -> Iterator[Path]:
    """The product's code: Python modules and SQL statements of the packages in this folder."""
    for package in sorted(root.glob("*/__init__.py")):
        if package.parent.name not in NOT_PRODUCT:
            yield from (file for file in package.parent.rglob("*") if file.suffix in SUFFIXES)


def template_files(root: Path) -> Iterator[Path]:
    return (root / "templates").rglob("*.html")
