"""Whether the code changed since somebody last asked."""

from collections.abc import Iterator
from pathlib import Path

NOT_OURS = {"tests", "sandbox", "bench"}


class Changes:
    """Looks at the times of the Python files of the repository's packages."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.last = self._newest()

    def happened(self) -> bool:
        newest = self._newest()
        changed = newest != self.last
        self.last = newest
        return changed

    def _newest(self) -> float:
        return max((file.stat().st_mtime for file in self._files()), default=0)

    def _files(self) -> Iterator[Path]:
        for package in self.root.glob("*/__init__.py"):
            if package.parent.name not in NOT_OURS:
                yield from package.parent.rglob("*.py")
