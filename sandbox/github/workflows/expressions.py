"""GitHub's expression language: `${{ … }}`.

https://docs.github.com/actions/reference/evaluate-expressions-in-workflows-and-actions
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

CONTEXTS = frozenset(
    "github env vars job jobs steps runner secrets strategy matrix needs inputs".split()  # noqa: SIM905 - a list of words
)
FUNCTIONS = frozenset(
    "contains startswith endswith format join tojson fromjson hashfiles success failure always cancelled".split()  # noqa: SIM905
)
STATUS_FUNCTIONS = ("success", "failure", "always", "cancelled")
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<string>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<op>==|!=|<=|>=|&&|\|\||[<>!().,\[\]]))"
)
EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """The expression is no valid one, or a function refuses its arguments."""


@dataclass(frozen=True)
class Scope:
    """What an expression can see: the contexts, and the functions that depend on the job (status, hashFiles)."""

    contexts: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


Node = Callable[[Scope], Any]


def evaluate(text: str, scope: Scope) -> Any:
    """The value of one expression (without `${{ }}`). Raises ExpressionError."""
    return parse(text)(scope)


def condition(text: str, scope: Scope) -> bool:
    """The value of an `if`: with or without `${{ }}`, and `success()` unless it asks for a status itself."""
    inner = _whole(text) or text
    if EMBEDDED.search(inner):
        return truthy(interpolate(inner, scope))
    asks = re.search(rf"\b(?:{'|'.join(STATUS_FUNCTIONS)})\s*\(", inner, re.IGNORECASE)
    return truthy(evaluate(inner if asks else f"success() && ({inner})", scope))


def interpolate(text: str, scope: Scope) -> str:
    """The text with every `${{ }}` replaced by its value. Raises ExpressionError."""
    return EMBEDDED.sub(lambda match: as_string(evaluate(match[1], scope)), text)


def deep(value: Any, scope: Scope) -> Any:
    """Interpolates every string in a structure; a string that is one expression becomes its value."""
    if isinstance(value, str):
        inner = _whole(value)
        return evaluate(inner, scope) if inner is not None else interpolate(value, scope)
    if isinstance(value, dict):
        return {key: deep(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [deep(item, scope) for item in value]
    return value


def check(text: str, *, bare: bool = False) -> None:
    """Raises ExpressionError when an expression in the text cannot be right; `bare` for an `if` without `${{ }}`."""
    if bare and not EMBEDDED.search(text):
        parse(text)
    if "${{" in EMBEDDED.sub("", text):
        raise ExpressionError("The expression is not closed. An unescaped ${{ sequence was found")
    for match in EMBEDDED.finditer(text):
        parse(match[1])


def _whole(text: str) -> str | None:
    match = EMBEDDED.fullmatch(text.strip())
    return match[1] if match and "}}" not in match[1] else None


def truthy(value: Any) -> bool:
    return not (value is None or value is False or value == "" or value == 0 or value != value)


def as_string(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dict | list):
        return "Object" if isinstance(value, dict) else "Array"
    return str(value)


def as_number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left is right
    if type(left) is type(right):
        return bool(left == right)
    return as_number(left) == as_number(right)


def _less(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() < right.casefold()
    return as_number(left) < as_number(right)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: _less(left, right) or _equal(left, right),
    ">=": lambda left, right: _less(right, left) or _equal(left, right),
}


LEVELS = (("||",), ("&&",), tuple(OPERATORS))
"""The binary operators; those that stand later bind closer."""


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(item, what) for item in where)
    return as_string(what).casefold() in as_string(where).casefold()


def _format(pattern: Any, *values: Any) -> str:
    def filled(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if int(match[1]) >= len(values):
            raise ExpressionError(
                f"The following format string references more arguments than were supplied: {pattern}"
            )
        return as_string(values[int(match[1])])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}", filled, as_string(pattern))


def _from_json(text: Any) -> Any:
    try:
        return json.loads(as_string(text))
    except ValueError as error:
        raise ExpressionError(f"Error parsing fromJson: {error}") from error


PURE: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "startswith": lambda text, start: as_string(text).casefold().startswith(as_string(start).casefold()),
    "endswith": lambda text, end: as_string(text).casefold().endswith(as_string(end).casefold()),
    "format": _format,
    "join": lambda items, by=",": (
        as_string(by).join(map(as_string, items)) if isinstance(items, list) else as_string(items)
    ),
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": _from_json,
}


def _property(value: Any, key: Any) -> Any:
    if isinstance(value, list):
        number = as_number(key)
        return value[int(number)] if number == number and 0 <= number < len(value) else None
    if not isinstance(value, Mapping):
        return None
    name = as_string(key)
    if name in value:
        return value[name]
    return next((item for own, item in value.items() if own.casefold() == name.casefold()), None)


def parse(text: str) -> Node:
    """The expression as a function of a scope. Raises ExpressionError."""
    return _Parser(text).parse()


def _combined(operator: str, left: Node, right: Node) -> Node:
    if operator == "||":
        return lambda scope: value if truthy(value := left(scope)) else right(scope)
    if operator == "&&":
        return lambda scope: right(scope) if truthy(value := left(scope)) else value
    return lambda scope: OPERATORS[operator](left(scope), right(scope))


def _indexed(value: Node, key: Node) -> Node:
    return lambda scope: _property(value(scope), key(scope))


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._tokens = self._split()
        self._at = 0

    def _split(self) -> list[tuple[str, str]]:
        found, place = [], 0
        while place < len(self._text):
            match = TOKEN.match(self._text, place)
            if not match:
                raise self._unexpected(self._text[place:].split(maxsplit=1)[0], place)
            found.append((str(match.lastgroup), match[str(match.lastgroup)]))
            place = match.end()
        return found

    def _unexpected(self, symbol: str, place: int) -> ExpressionError:
        return ExpressionError(
            f"Unexpected symbol: '{symbol}'. Located at position {place + 1} within expression: {self._text}"
        )

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, wanted: str = "") -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end":
            raise ExpressionError(f"Unexpected end of expression: {self._text}")
        if wanted and token != ("op", wanted):
            raise self._unexpected(token[1], self._at)
        self._at += 1
        return token

    def _sees(self, *symbols: str) -> bool:
        kind, value = self._peek()
        return kind == "op" and value in symbols

    def parse(self) -> Node:
        if not self._tokens:
            raise ExpressionError("An expression was expected")
        node = self._binary()
        if self._at < len(self._tokens):
            raise self._unexpected(self._peek()[1], self._at)
        return node

    def _binary(self, level: int = 0) -> Node:
        """The operators of this level and of those that bind closer."""
        if level == len(LEVELS):
            return self._unary()
        node = self._binary(level + 1)
        while self._sees(*LEVELS[level]):
            node = _combined(self._take()[1], node, self._binary(level + 1))
        return node

    def _unary(self) -> Node:
        if self._sees("!"):
            self._take()
            node = self._unary()
            return lambda scope: not truthy(node(scope))
        return self._postfix(self._primary())

    def _postfix(self, node: Node) -> Node:
        while self._sees(".", "["):
            if self._take()[1] == ".":
                node = self._dotted(node)
                continue
            key = self._binary()
            self._take("]")
            node = _indexed(node, key)
        return node

    def _dotted(self, node: Node) -> Node:
        kind, name = self._take()
        if kind != "name":
            raise self._unexpected(name, self._at)
        return lambda scope: _property(node(scope), name)

    def _primary(self) -> Node:
        kind, value = self._take()
        if kind == "number":
            number = as_number(value)
            return lambda scope: number
        if kind == "string":
            text = value[1:-1].replace("''", "'")
            return lambda scope: text
        if (kind, value) == ("op", "("):
            node = self._binary()
            self._take(")")
            return node
        if kind != "name":
            raise self._unexpected(value, self._at)
        if value.lower() in LITERALS:
            literal = LITERALS[value.lower()]
            return lambda scope: literal
        return self._call(value) if self._sees("(") else self._context(value)

    def _context(self, name: str) -> Node:
        if name.lower() not in CONTEXTS:
            raise ExpressionError(f"Unrecognized named-value: '{name}'. Located within expression: {self._text}")
        return lambda scope: scope.contexts.get(name.lower())

    def _call(self, name: str) -> Node:
        if name.lower() not in FUNCTIONS:
            raise ExpressionError(f"Unrecognized function: '{name}'. Located within expression: {self._text}")
        self._take("(")
        arguments: list[Node] = []
        while not self._sees(")"):
            arguments.append(self._binary())
            if not self._sees(")"):
                self._take(",")
        self._take(")")

        def call(scope: Scope) -> Any:
            function = PURE.get(name.lower()) or scope.functions.get(name.lower())
            if function is None:
                raise ExpressionError(f"The function '{name}' cannot be used here: {self._text}")
            try:
                return function(*(argument(scope) for argument in arguments))
            except TypeError as error:
                raise ExpressionError(f"Wrong parameters for '{name}': {self._text}") from error

        return call
