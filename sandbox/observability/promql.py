"""The part of PromQL that asking for an application's samples takes, as text → tree.

Selectors with `= != =~ !~` and a range, `rate`, `increase`, `…_over_time`, `sum`, `count`, `min`, `max`, `avg` with
`by (…)`, `absent`, numbers, `time()`, comparisons (with `bool`), `+ - * /` with a number, and `or`. The rest is
refused with a parse error. https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

import re
from dataclasses import dataclass

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
RANGED = {"rate", "increase", "count_over_time", "max_over_time", "min_over_time", "sum_over_time", "last_over_time"}
FUNCTIONS = RANGED | {"absent", "time", "timestamp"}
AGGREGATES = {"sum", "count", "min", "max", "avg"}
COMPARISONS = ("==", "!=", ">=", "<=", ">", "<")
TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<duration>(?:\d+(?:ms|[smhdw]))+(?![\w]))"""
    r"""|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?P<name>[a-zA-Z_:][\w:]*)|(?P<mark>=~|!~|==|!=|>=|<=|[-+*/=<>(){}\[\],]))"""
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
    seconds: float | None  # the range, or None for an instant


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Call:
    function: str
    argument: "Expression | None"


@dataclass(frozen=True)
class Aggregate:
    operator: str
    argument: "Expression"
    by: tuple[str, ...]


@dataclass(frozen=True)
class Binary:
    operator: str
    left: "Expression"
    right: "Expression"
    as_bool: bool = False


Expression = Selector | Number | Call | Aggregate | Binary


def seconds(duration: str) -> float:
    """`5m` or `1h30m` in seconds. Raises ParseError."""
    parts = re.findall(r"(\d+)(ms|[smhdw])", duration)
    if not parts or "".join(a + b for a, b in parts) != duration:
        raise ParseError(f'not a valid duration string: "{duration}"')
    return float(sum(int(number) * UNITS[unit] for number, unit in parts))


def parse(text: str) -> Expression:
    """Raises ParseError with the position, as Prometheus words it."""
    reader = _Reader(text)
    if not text.strip():
        raise ParseError("unknown position: parse error: no expression found in input")
    expression = reader.union()
    if reader.kind:
        raise reader.unexpected()
    return expression


class _Reader:
    """A recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.position = 0
        self.kind: str | None = None
        self.text = ""
        self._next()

    def _next(self) -> None:
        self.start = self.position + len(self.source[self.position :]) - len(self.source[self.position :].lstrip())
        if not self.source[self.position :].strip():
            self.kind, self.text = None, "end of input"
            return
        match = TOKEN.match(self.source, self.position)
        if match is None:
            raise ParseError(f"1:{self.start + 1}: parse error: unexpected character: {self.source[self.start]!r}")
        self.kind, self.text = match.lastgroup, match[match.lastgroup or 0]
        self.position = match.end()

    def unexpected(self) -> ParseError:
        return ParseError(f'1:{self.start + 1}: parse error: unexpected {self.kind or "end"} "{self.text}"')

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

    def union(self) -> Expression:
        left = self.comparison()
        while self.accept("or"):
            left = Binary("or", left, self.comparison())
        return left

    def comparison(self) -> Expression:
        left = self.sum()
        while self.kind == "mark" and self.text in COMPARISONS:
            operator = self.take("mark")
            left = Binary(operator, left, *self._compared())
        return left

    def _compared(self) -> tuple[Expression, bool]:
        as_bool = self.accept("bool")
        return self.sum(), as_bool

    def sum(self) -> Expression:
        left = self.product()
        while self.kind == "mark" and self.text in "+-":
            left = Binary(self.take("mark"), left, self.product())
        return left

    def product(self) -> Expression:
        left = self.atom()
        while self.kind == "mark" and self.text in "*/":
            left = Binary(self.take("mark"), left, self.atom())
        return left

    def atom(self) -> Expression:
        if self.kind == "number":
            return Number(float(self.take("number")))
        if self.accept("-"):
            return Number(-float(self.take("number")))
        if self.accept("("):
            inner = self.union()
            self.expect(")")
            return inner
        if self.kind == "mark" and self.text == "{":
            return self.selector("")
        name = self.take("name")
        if name in AGGREGATES and self.text in ("(", "by"):
            return self.aggregate(name)
        if self.kind == "mark" and self.text == "(":
            return self.call(name)
        return self.selector(name)

    def aggregate(self, operator: str) -> Aggregate:
        by = self._labels() if self.accept("by") else ()
        self.expect("(")
        argument = self.union()
        self.expect(")")
        return Aggregate(operator, argument, self._labels() if self.accept("by") else by)

    def _labels(self) -> tuple[str, ...]:
        self.expect("(")
        labels = []
        while not self.accept(")"):
            labels.append(self.take("name"))
            self.accept(",")
        return tuple(labels)

    def call(self, function: str) -> Call:
        if function not in FUNCTIONS:
            raise ParseError(f'1:1: parse error: unknown function with name "{function}"')
        self.expect("(")
        argument = None if self.text == ")" else self.union()
        self.expect(")")
        ranged = isinstance(argument, Selector) and argument.seconds is not None
        if (function in RANGED) is not ranged or (function == "time") is not (argument is None):
            wanted = "range vector" if function in RANGED else "instant vector"
            raise ParseError(f'1:1: parse error: expected type {wanted} in call to function "{function}"')
        return Call(function, argument)

    def selector(self, name: str) -> Selector:
        matchers = [Matcher("__name__", "=", name)] if name else []
        if self.accept("{"):
            while not self.accept("}"):
                matchers.append(self.matcher())
                self.accept(",")
        if not any(one.value for one in matchers):
            raise ParseError("1:1: parse error: vector selector must contain at least one non-empty matcher")
        length = None
        if self.accept("["):
            length = seconds(self.take("duration"))
            self.expect("]")
        return Selector(tuple(matchers), length)

    def matcher(self) -> Matcher:
        label = self.take("name")
        operator = self.take("mark")
        if operator not in ("=", "!=", "=~", "!~"):
            raise ParseError(f'1:{self.start + 1}: parse error: unexpected "{operator}" in label matching')
        value = re.sub(r"\\(.)", r"\1", self.take("string")[1:-1])
        if "~" in operator:
            try:
                re.compile(value)
            except re.error as error:
                raise ParseError(f"1:1: parse error: error parsing regexp: {error}") from error
        return Matcher(label, operator, value)
