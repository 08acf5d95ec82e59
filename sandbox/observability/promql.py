"""The part of PromQL that asking for an application's samples takes, as text → tree.

Selectors with `= != =~ !~`, `sum`, `count`, `min`, `max` and `avg` with `by (…)`, and numbers. The rest is refused
with a parse error. https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

import re
from dataclasses import dataclass

AGGREGATES = ("sum", "count", "min", "max", "avg")
MATCHING = ("=", "!=", "=~", "!~")
TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<name>[a-zA-Z_:][\w:]*)|(?P<mark>=~|!~|!=|[-+*/=<>(){}\[\],]))"""
)


class ParseError(ValueError):
    """What Prometheus answers as `bad_data`."""


@dataclass(frozen=True)
class Matcher:
    label: str
    operator: str
    value: str

    def matches(self, labels: dict[str, str]) -> bool:
        value = labels.get(self.label, "")
        if self.operator in ("=", "!="):
            return (value == self.value) is (self.operator == "=")
        return (re.fullmatch(self.value, value) is not None) is (self.operator == "=~")


@dataclass(frozen=True)
class Selector:
    matchers: tuple[Matcher, ...]


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Aggregate:
    operator: str
    argument: "Expression"
    by: tuple[str, ...]


Expression = Selector | Number | Aggregate


def parse(text: str) -> Expression:
    """Raises ParseError with the position, as Prometheus words it."""
    if not text.strip():
        raise ParseError("unknown position: parse error: no expression found in input")
    reader = _Reader(text)
    expression = reader.expression()
    if reader.kind:
        raise reader.unexpected()
    return expression


class _Reader:
    """A recursive descent over the tokens; `kind` and `text` are the next one, without a kind at the end."""

    def __init__(self, text: str) -> None:
        self._source = text.rstrip()
        self._position = 0
        self.kind: str | None = None
        self.text = ""
        self._next()

    def _next(self) -> None:
        self._start = self._position
        if self._position == len(self._source):
            self.kind, self.text = None, "end of input"
            return
        match = TOKEN.match(self._source, self._position)
        if match is None:
            raise ParseError(f"1:{self._start + 1}: parse error: unexpected character: {self._source[self._start]!r}")
        self.kind, self.text = match.lastgroup, match[match.lastgroup or 0]
        self._position = match.end()

    def unexpected(self) -> ParseError:
        return ParseError(f'1:{self._start + 1}: parse error: unexpected {self.kind or "end"} "{self.text}"')

    def accept(self, text: str) -> bool:
        if self.kind in ("mark", "name") and self.text == text:
            self._next()
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected()

    def take(self, kind: str) -> str:
        if self.kind != kind:
            raise self.unexpected()
        taken = self.text
        self._next()
        return taken

    def expression(self) -> Expression:
        if self.kind == "number":
            return Number(float(self.take("number")))
        name = "" if self.kind == "mark" and self.text == "{" else self.take("name")
        if name in AGGREGATES and self.text in ("(", "by"):
            return self._aggregate(name)
        if self.kind == "mark" and self.text == "(":
            raise ParseError(f'1:1: parse error: unknown function with name "{name}"')
        return self._selector(name)

    def _aggregate(self, operator: str) -> Aggregate:
        by = self._labels() if self.accept("by") else ()
        self.expect("(")
        argument = self.expression()
        self.expect(")")
        return Aggregate(operator, argument, self._labels() if self.accept("by") else by)

    def _labels(self) -> tuple[str, ...]:
        self.expect("(")
        labels = []
        while not self.accept(")"):
            labels.append(self.take("name"))
            self.accept(",")
        return tuple(labels)

    def _selector(self, name: str) -> Selector:
        matchers = [Matcher("__name__", "=", name)] if name else []
        if self.accept("{"):
            while not self.accept("}"):
                matchers.append(self._matcher())
                self.accept(",")
        if not any(one.value for one in matchers):
            raise ParseError("1:1: parse error: vector selector must contain at least one non-empty matcher")
        return Selector(tuple(matchers))

    def _matcher(self) -> Matcher:
        label, operator = self.take("name"), self.take("mark")
        if operator not in MATCHING:
            raise ParseError(f'1:{self._start + 1}: parse error: unexpected "{operator}" in label matching')
        value = re.sub(r"\\(.)", r"\1", self.take("string")[1:-1])
        try:
            re.compile(value if "~" in operator else "")
        except re.error as error:
            raise ParseError(f"1:1: parse error: error parsing regexp: {error}") from error
        return Matcher(label, operator, value)
