"""Evaluating the expressions `${{ … }}` in the texts of a workflow.

https://docs.github.com/actions/reference/evaluate-expressions-in-workflows-and-actions
"""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.github.workflows.parser import ExpressionError, Scope, parse
from sandbox.github.workflows.values import as_number, as_string, truthy

STATUS_FUNCTIONS = ("success", "failure", "always", "cancelled")
EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


def evaluate(text: str, scope: Scope) -> Any:
    """The value of one expression (without `${{ }}`). Raises ExpressionError."""
    return parse(text)(scope)


def condition(text: str, scope: Scope) -> bool:
    """The value of an `if`, with or without `${{ }}`; `success()` is required unless it uses a status function."""
    inner = _single_expression(text) or text
    if EMBEDDED.search(inner):
        return truthy(interpolate(inner, scope))
    uses_status = re.search(rf"\b(?:{'|'.join(STATUS_FUNCTIONS)})\s*\(", inner, re.IGNORECASE)
    return truthy(evaluate(inner if uses_status else f"success() && ({inner})", scope))


def interpolate(text: str, scope: Scope) -> str:
    """The text with every `${{ }}` replaced by its value. Raises ExpressionError."""
    return EMBEDDED.sub(lambda match: as_string(evaluate(match[1], scope)), text)


def interpolate_deep(value: Any, scope: Scope) -> Any:
    """Interpolate every string in a structure. A string that is a single expression becomes its value."""
    if isinstance(value, str):
        inner = _single_expression(value)
        return evaluate(inner, scope) if inner is not None else interpolate(value, scope)
    if isinstance(value, dict):
        return {key: interpolate_deep(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate_deep(item, scope) for item in value]
    return value


def is_true(value: Any, scope: Scope) -> bool:
    return truthy(interpolate_deep(value, scope))


def number(value: Any, scope: Scope) -> float:
    return as_number(interpolate_deep(value, scope))


def string_values(values: Mapping[str, Any], scope: Scope) -> dict[str, str]:
    """The values of an `env:` or a `with:`, as strings. Raises ExpressionError."""
    return {name: as_string(interpolate_deep(value, scope)) for name, value in values.items()}


def check(text: str, *, bare: bool = False) -> None:
    """Raises ExpressionError for an invalid expression. With `bare`, text without `${{ }}` is an expression too."""
    if bare and not EMBEDDED.search(text):
        parse(text)
    if "${{" in EMBEDDED.sub("", text):
        raise ExpressionError("The expression is not closed. An unescaped ${{ sequence was found")
    for match in EMBEDDED.finditer(text):
        parse(match[1])


def _single_expression(text: str) -> str | None:
    """The expression inside `${{ }}` when it is the whole text."""
    match = EMBEDDED.fullmatch(text.strip())
    return match[1] if match and "}}" not in match[1] else None
