"""The part of JQL that a robot uses: comparisons joined by AND, and ORDER BY. The rest is refused in JIRA's own words."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.jira.models import Issue, Project
from sandbox.jira.refusals import Refused
from sandbox.jira.words import CATEGORY_OF_STATUS
from sandbox.world.tokens import Tokens

VALUES: dict[str, Callable[[Issue], list[str]]] = {
    "project": lambda issue: [issue.project.key, issue.project.name],
    "key": lambda issue: [issue.key, *(one.key for one in issue.former_keys.all())],
    "labels": lambda issue: issue.labels,
    "status": lambda issue: [issue.status],
    "statuscategory": lambda issue: list(CATEGORY_OF_STATUS[issue.status]),
}
SORTED_BY = {"created": "created", "updated": "updated", "key": "id"}
TOKEN = re.compile(r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>!=|[=(),~<>])|(?P<word>[^\s=!~<>(),"]+))""")
COMPARISON = {("=",): True, ("in",): True, ("!=",): False, ("not", "in"): False}


@dataclass(frozen=True)
class Clause:
    field: str
    wanted: frozenset[str]
    expected: bool

    def holds(self, issue: Issue) -> bool:
        return any(value.lower() in self.wanted for value in VALUES[self.field](issue)) is self.expected


@dataclass(frozen=True)
class Query:
    clauses: list[Clause]
    order: list[tuple[str, bool]]
    """Attributes of an issue; true for descending."""

    def run(self, issues: list[Issue]) -> list[Issue]:
        found = [issue for issue in issues if all(one.holds(issue) for one in self.clauses)]
        for field, descending in reversed(self.order or [("created", True)]):
            found.sort(key=lambda issue: (getattr(issue, field), issue.id), reverse=descending)
        return found


def parse(text: str) -> Query:
    """Raises Refused."""
    tokens, clauses = Tokens(TOKEN, text, _unexpected), []
    if tokens.kind != "end" and tokens.text.lower() != "order":
        clauses.append(_clause(tokens))
        while tokens.accept("and"):
            clauses.append(_clause(tokens))
    order = _order(tokens) if tokens.accept("order", "by") else []
    if tokens.kind != "end":
        raise Refused(f"Error in the JQL Query: Expecting 'AND' or 'OR' but got '{tokens.text}'.")
    return Query(clauses, order)


def _unexpected(text: str, place: int) -> Refused:
    got = f"'{text}' at {place}" if text else "the end"
    return Refused(f"Error in the JQL Query: Expecting either a value, list or function but got {got}.")


def _value(tokens: Tokens) -> str:
    text = tokens.take("string", "word")
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _clause(tokens: Tokens) -> Clause:
    name = _value(tokens)
    field = name.lower()
    if field not in VALUES:
        raise Refused(f"Field '{name}' does not exist or you do not have permission to view it.")
    words = next((words for words in COMPARISON if tokens.accept(*words)), None)
    if words is None:
        raise Refused(f"The operator '{tokens.text}' is not supported by the '{field}' field.")
    values = _listed(tokens) if words[-1] == "in" else [_value(tokens)]
    if field == "project":
        _known_projects(values)
    return Clause(field, frozenset(value.lower() for value in values), COMPARISON[words])


def _listed(tokens: Tokens) -> list[str]:
    tokens.expect("(")
    values = [_value(tokens)]
    while tokens.accept(","):
        values.append(_value(tokens))
    tokens.expect(")")
    return values


def _known_projects(values: list[str]) -> None:
    known = {word.lower() for one in Project.objects.all() for word in (one.key, one.name)}
    for value in values:
        if value.lower() not in known:
            raise Refused(f"The value '{value}' does not exist for the field 'project'.")


def _order(tokens: Tokens) -> list[tuple[str, bool]]:
    order = []
    while True:
        name = _value(tokens).lower()
        if name not in SORTED_BY:
            raise Refused(f"Not able to sort using field '{name}'.")
        descending = tokens.accept("desc")
        if not descending:
            tokens.accept("asc")
        order.append((SORTED_BY[name], descending))
        if not tokens.accept(","):
            return order
