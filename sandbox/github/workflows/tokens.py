"""The tokens of an expression, read one after the other."""

import re
from collections.abc import Callable, Iterator

Token = tuple[str, str, int]
"""Kind, text and place."""


class Tokens:
    """What is left to read; `kind` and `text` are those of the next token, `end` and nothing behind the last.

    `pattern` has a named group for each kind of token; `error` makes what is raised of the token that nobody expects
    and its place.
    """

    def __init__(self, pattern: re.Pattern[str], text: str, error: Callable[[str, int], Exception]) -> None:
        self._error = error
        self._left = [*self._split(pattern, text.rstrip()), ("end", "", len(text))]

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
        return self._left[0][0]

    def unexpected(self) -> Exception:
        return self._error(*self._left[0][1:])

    def sees(self, *marks: str) -> bool:
        """Whether one of these comes next."""
        return self.kind == "mark" and self._left[0][1] in marks

    def accept(self, mark: str) -> bool:
        """Take this mark if it comes next."""
        return self.sees(mark) and bool(self._left.pop(0))

    def expect(self, mark: str) -> None:
        if not self.accept(mark):
            raise self.unexpected()

    def take(self, *kinds: str) -> str:
        """The text of the next token, which must be of one of these kinds."""
        if self.kind not in kinds:
            raise self.unexpected()
        return self._left.pop(0)[1]
