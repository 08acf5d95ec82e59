"""The parser of GitHub's expression language.

https://docs.github.com/actions/reference/evaluate-expressions-in-workflows-and-actions
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.github.workflows.tokens import Tokens
from sandbox.github.workflows.values import OPERATORS, PURE_FUNCTIONS, as_number, element, truthy

CONTEXTS = frozenset((
    "github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix", "needs", "inputs",
))  # fmt: skip
FUNCTIONS = frozenset((
    "contains", "startswith", "endswith", "format", "join", "tojson", "fromjson", "hashfiles", "success", "failure",
    "always", "cancelled",
))  # fmt: skip
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<string>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<mark>==|!=|&&|\|\||[!().,\[\]]))"
)
LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """The expression is invalid, or a function rejects its arguments."""


@dataclass(frozen=True)
class Scope:
    """What an expression can use: the contexts, and the functions that depend on the job's status."""

    contexts: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


Node = Callable[[Scope], Any]


LEVELS = (("||",), ("&&",), tuple(OPERATORS))
"""The binary operators, from the lowest precedence to the highest."""


def parse(text: str) -> Node:
    """The expression as a function of a scope. Raises ExpressionError."""
    return _Parser(text.strip()).parse()


def _combined(operator: str, left: Node, right: Node) -> Node:
    if operator == "||":
        return lambda scope: value if truthy(value := left(scope)) else right(scope)
    if operator == "&&":
        return lambda scope: right(scope) if truthy(value := left(scope)) else value
    return lambda scope: OPERATORS[operator](left(scope), right(scope))


def _indexed(value: Node, key: Node) -> Node:
    return lambda scope: element(value(scope), key(scope))


class _Parser:
    """A recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = Tokens(TOKEN, text, self._unexpected)

    def _unexpected(self, symbol: str, position: int) -> ExpressionError:
        if not symbol:
            return ExpressionError(f"Unexpected end of expression: {self._text}")
        where = f"Located at position {position + 1} within expression: {self._text}"
        return ExpressionError(f"Unexpected symbol: '{symbol}'. {where}")

    def parse(self) -> Node:
        node = self._binary()
        if self._tokens.kind != "end":
            raise self._tokens.unexpected()
        return node

    def _binary(self, level: int = 0) -> Node:
        """The operators of this level and of those with a higher precedence."""
        if level == len(LEVELS):
            return self._unary()
        node = self._binary(level + 1)
        while self._tokens.next_is(*LEVELS[level]):
            node = _combined(self._tokens.take("mark"), node, self._binary(level + 1))
        return node

    def _unary(self) -> Node:
        if self._tokens.accept("!"):
            node = self._unary()
            return lambda scope: not truthy(node(scope))
        return self._postfix(self._primary())

    def _postfix(self, node: Node) -> Node:
        while self._tokens.next_is(".", "["):
            if self._tokens.accept("."):
                node = _indexed(node, _constant(self._tokens.take("name")))
            else:
                self._tokens.expect("[")
                node = _indexed(node, self._binary())
                self._tokens.expect("]")
        return node

    def _primary(self) -> Node:
        if self._tokens.accept("("):
            node = self._binary()
            self._tokens.expect(")")
            return node
        kind = self._tokens.kind
        value = self._tokens.take("number", "string", "name")
        if kind == "number":
            return _constant(as_number(value))
        if kind == "string":
            return _constant(value[1:-1].replace("''", "'"))
        if value.lower() in LITERALS:
            return _constant(LITERALS[value.lower()])
        return self._call(value) if self._tokens.accept("(") else self._context(value)

    def _context(self, name: str) -> Node:
        if name.lower() not in CONTEXTS:
            raise ExpressionError(f"Unrecognized named-value: '{name}'. Located within expression: {self._text}")
        return lambda scope: scope.contexts.get(name.lower())

    def _call(self, name: str) -> Node:
        if name.lower() not in FUNCTIONS:
            raise ExpressionError(f"Unrecognized function: '{name}'. Located within expression: {self._text}")
        arguments: list[Node] = []
        while not self._tokens.accept(")"):
            arguments.append(self._binary())
            if not self._tokens.next_is(")"):
                self._tokens.expect(",")

        def call(scope: Scope) -> Any:
            function = PURE_FUNCTIONS.get(name.lower()) or scope.functions.get(name.lower())
            if function is None:
                raise ExpressionError(f"The function '{name}' cannot be used here: {self._text}")
            try:
                return function(*(argument(scope) for argument in arguments))
            except (TypeError, ValueError) as error:
                raise ExpressionError(f"Wrong parameters for '{name}': {self._text}") from error

        return call


def _constant(value: Any) -> Node:
    return lambda scope: value
