"""A unified diff, line by line, for pages."""

from dataclasses import dataclass

_KINDS = {"+": "add", "-": "remove", "@": "place"}


@dataclass(frozen=True)
class DiffLine:
    """`kind` is add, remove, same or place."""

    kind: str
    sign: str
    text: str


@dataclass(frozen=True)
class FileDiff:
    path: str
    purpose: str
    lines: list[DiffLine]

    @property
    def added(self) -> int:
        return sum(line.kind == "add" for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == "remove" for line in self.lines)


def diff_lines(diff: str) -> list[DiffLine]:
    """A unified diff without its header, each line with its sign."""
    lines = [line for line in diff.splitlines() if not line.startswith(("--- ", "+++ ", "\\ No newline"))]
    return [
        DiffLine(
            kind=_KINDS.get(line[:1], "same"),
            sign=line[:1] if line[:1] in "+-" else " ",
            text=line if line.startswith("@") else line[1:],
        )
        for line in lines
    ]
