"""What a container file copies into its image, or works in. Each file is searched once for all components."""

from dataclasses import dataclass

import patterns
from stacks.folder_files import MAX_TEXT

_EVERYTHING = patterns.compile(r"^[ \t]*(?:COPY|ADD)[ \t]+(?:--\S+[ \t]+)*\.[ \t]", multiline=True, ignore_case=True)
_USES = patterns.compile(r"(?:COPY|ADD|cd|WORKDIR)\b")
_PART_OF_NAME = patterns.compile(r"[\w-]")


@dataclass(frozen=True)
class Copied:
    """`everything`: it copies the whole folder. `arguments` are what follows COPY, ADD, cd or WORKDIR, one line each."""

    everything: bool
    arguments: str

    def names(self, path: str) -> bool:
        """Whether this folder is one of the arguments."""
        start = self.arguments.find(path) if path else -1
        while start >= 0 and not self._is_whole(start, start + len(path)):
            start = self.arguments.find(path, start + 1)
        return start >= 0

    def _is_whole(self, start: int, end: int) -> bool:
        around = self.arguments[max(start - 1, 0) : start] + self.arguments[end : end + 1]
        return _PART_OF_NAME.search(around) is None


def read(text: str) -> Copied:
    """The text of a container file."""
    text = text[:MAX_TEXT]
    uses = ((line, _USES.search(line)) for line in text.splitlines())
    arguments = "\n".join(line[use.end() :] for line, use in uses if use)
    return Copied(_EVERYTHING.search(text) is not None, f"\n{arguments}\n")
