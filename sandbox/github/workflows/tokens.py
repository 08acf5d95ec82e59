"""Reads the tokens of an expression one by one."""

import re
from collections.abc import Callable, Iterator

Token = tuple[str, str, int]
"""Kind, text and position."""


class Tokens:
    """The tokens that have not been read yet. `kind` is that of the next token, or `end` after the last.

    `pattern` has a named group for each kind of token. `error` creates the exception for an unexpected token from its
    text and position.
    """

    def __init__(self, pattern: re.Pattern[str], text: str, error: Callable[[str, int], Exception]) -> None:
        self._error = error
        self._remaining = [*self._split(pattern, text.rstrip()), ("end", "", len(text))]

    def _split(self, pattern: re.Pattern[str], text: str) -> Iterator[Token]:
        position = 0
        while position < len(text):
            match = pattern.match(text, position)
            if match is None or match.lastgroup is None:
                raise self._error(text[position:].split(maxsplit=1)[0], position)
            yield match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)
            position = match.end()

    @property
    def kind(self) -> str:
        return self._remaining[0][0]

    def unexpected(self) -> Exception:
        return self._error(*self._remaining[0][1:])

    def next_is(self, *marks: str) -> bool:
        """Whether one of these marks comes next."""
        return self.kind == "mark" and self._remaining[0][1] in marks

    def accept(self, mark: str) -> bool:
        """Consume this mark if it comes next."""
        return self.next_is(mark) and bool(self._remaining.pop(0))

    def expect(self, mark: str) -> None:
        if not self.accept(mark):
            raise self.unexpected()

    def take(self, *kinds: str) -> str:
        """The text of the next token, which must be of one of these kinds."""
        if self.kind not in kinds:
            raise self.unexpected()
        return self._remaining.pop(0)[1]
