"""The part of PromQL that asking for an application's samples takes, as text → tree.

Selectors with `= != =~ !~`, `sum`, `count`, `min`, `max` and `avg` with `by (…)`, and numbers. The rest is refused
with a parse error. https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

import re
from dataclasses import dataclass

from sandbox.world.tokens import Tokens

AGGREGATES = ("sum", "count", "min", "max", "avg")
TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<name>[a-zA-Z_:][\w:]*)|(?P<matching>=~|!~|!=|=)|(?P<mark>[-+*/<>(){}\[\],]))"""
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
    tokens = Tokens(TOKEN, text, _unexpected)
    expression = _expression(tokens)
    if tokens.kind != "end":
        raise tokens.unexpected()
    return expression


def _unexpected(text: str, place: int) -> ParseError:
    return ParseError(
        f'1:{place + 1}: parse error: unexpected "{text}"' if text else "parse error: unexpected end of input"
    )


def _expression(tokens: Tokens) -> Expression:
    if tokens.kind == "number":
        return Number(float(tokens.take("number")))
    name = "" if tokens.sees("{") else tokens.take("name")
    if name in AGGREGATES and tokens.sees("(", "by"):
        return _aggregate(name, tokens)
    if tokens.sees("("):
        raise ParseError(f'1:1: parse error: unknown function with name "{name}"')
    return _selector(name, tokens)


def _aggregate(operator: str, tokens: Tokens) -> Aggregate:
    by = _labels(tokens) if tokens.accept("by") else ()
    tokens.expect("(")
    argument = _expression(tokens)
    tokens.expect(")")
    return Aggregate(operator, argument, _labels(tokens) if tokens.accept("by") else by)


def _labels(tokens: Tokens) -> tuple[str, ...]:
    tokens.expect("(")
    labels = []
    while not tokens.accept(")"):
        labels.append(tokens.take("name"))
        tokens.accept(",")
    return tuple(labels)


def _selector(name: str, tokens: Tokens) -> Selector:
    matchers = [Matcher("__name__", "=", name)] if name else []
    if tokens.accept("{"):
        while not tokens.accept("}"):
            matchers.append(_matcher(tokens))
            tokens.accept(",")
    if not any(one.value for one in matchers):
        raise ParseError("1:1: parse error: vector selector must contain at least one non-empty matcher")
    return Selector(tuple(matchers))


def _matcher(tokens: Tokens) -> Matcher:
    label, operator = tokens.take("name"), tokens.take("matching")
    value = re.sub(r"\\(.)", r"\1", tokens.take("string")[1:-1])
    try:
        re.compile(value if "~" in operator else "")
    except re.error as error:
        raise ParseError(f"1:1: parse error: error parsing regexp: {error}") from error
    return Matcher(label, operator, value)
