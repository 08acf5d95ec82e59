"""The tokens of a small language (PromQL, JQL, GitHub's expressions), read one after the other."""

import re
from collections.abc import Callable, Iterator

Token = tuple[str, str, int]
"""Kind, text and place."""


class Tokens:
    """What is left to read; `kind` and `text` are those of the next token, `end` and nothing behind the last.

    `pattern` has a named group for each kind of token, `string` for what stands in quotes; `error` makes what is
    raised of the token that nobody expects and its place.
    """

    def __init__(self, pattern: re.Pattern[str], text: str, error: Callable[[str, int], Exception]) -> None:
        self._error = error
        self._end = len(text)
        self._left = list(self._split(pattern, text.rstrip()))

    def _split(self, pattern: re.Pattern[str], text: str) -> Iterator[Token]:
        place = 0
        while place < len(text):
            match = pattern.match(text, place)
            if match is None or match.lastgroup is None:
                raise self._error(text[place:].split(maxsplit=1)[0], place)
            yield match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)
            place = match.end()

    @property
    def kind(self) -> str:
        return self._left[0][0] if self._left else "end"

    @property
    def text(self) -> str:
        return self._left[0][1] if self._left else ""

    def unexpected(self) -> Exception:
        return self._error(self.text, self._left[0][2] if self._left else self._end)

    def sees(self, *texts: str) -> bool:
        """Whether one of these comes next."""
        return self.kind != "string" and self.text in texts

    def accept(self, *words: str) -> bool:
        """Take these words, in any case, if they come next in this order."""
        coming = [text.lower() for kind, text, _ in self._left[: len(words)] if kind != "string"]
        if coming != list(words):
            return False
        del self._left[: len(words)]
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise self.unexpected()

    def take(self, *kinds: str) -> str:
        """The text of the next token, which must be of one of these kinds."""
        if self.kind not in kinds:
            raise self.unexpected()
        return self._left.pop(0)[1]
