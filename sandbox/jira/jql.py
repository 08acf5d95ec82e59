"""The part of JQL that a robot uses: comparisons joined by AND, and ORDER BY. The rest is refused in JIRA's own words."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.jira.models import Issue, Project
from sandbox.jira.words import CATEGORY_OF_STATUS

VALUES: dict[str, Callable[[Issue], list[str]]] = {
    "project": lambda issue: [issue.project.key, issue.project.name],
    "key": lambda issue: [issue.key, *(one.key for one in issue.former_keys.all())],
    "labels": lambda issue: issue.labels,
    "status": lambda issue: [issue.status],
    "statuscategory": lambda issue: list(CATEGORY_OF_STATUS[issue.status]),
}
SORTED_BY = {"created": "created", "updated": "updated", "key": "id"}
TOKEN = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|!=|[^\s=!~<>(),"]+|\S)""")
MARK = re.compile(r"!=|[=!~<>(),]")
COMPARISON = {("=",): True, ("in",): True, ("!=",): False, ("not", "in"): False}


class BadQuery(ValueError):
    """The query makes no sense; says why as JIRA does."""


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


class _Tokens:
    """What is left to read."""

    def __init__(self, text: str) -> None:
        self.left: list[str] = TOKEN.findall(text)

    def accept(self, *words: str) -> bool:
        """Take these words if they come next."""
        if [one.lower() for one in self.left[: len(words)]] != list(words):
            return False
        del self.left[: len(words)]
        return True

    def value(self) -> str:
        if not self.left or MARK.fullmatch(self.left[0]):
            got = f"'{self.left[0]}'" if self.left else "the end"
            raise BadQuery(f"Error in the JQL Query: Expecting either a value, list or function but got {got}.")
        text = self.left.pop(0)
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def parse(text: str) -> Query:
    """Raises BadQuery."""
    tokens, clauses = _Tokens(text), []
    if tokens.left and tokens.left[0].lower() != "order":
        clauses.append(_clause(tokens))
        while tokens.accept("and"):
            clauses.append(_clause(tokens))
    order = _order(tokens) if tokens.accept("order", "by") else []
    if tokens.left:
        raise BadQuery(f"Error in the JQL Query: Expecting 'AND' or 'OR' but got '{tokens.left[0]}'.")
    return Query(clauses, order)


def _clause(tokens: _Tokens) -> Clause:
    name = tokens.value()
    field = name.lower()
    if field not in VALUES:
        raise BadQuery(f"Field '{name}' does not exist or you do not have permission to view it.")
    words = next((words for words in COMPARISON if tokens.accept(*words)), None)
    if words is None:
        raise BadQuery(f"The operator '{' '.join(tokens.left[:1])}' is not supported by the '{field}' field.")
    values = _listed(tokens) if words[-1] == "in" else [tokens.value()]
    if field == "project":
        _known_projects(values)
    return Clause(field, frozenset(value.lower() for value in values), COMPARISON[words])


def _listed(tokens: _Tokens) -> list[str]:
    if not tokens.accept("("):
        raise BadQuery("Error in the JQL Query: Expecting '(' after 'in'.")
    values = [tokens.value()]
    while tokens.accept(","):
        values.append(tokens.value())
    if not tokens.accept(")"):
        raise BadQuery("Error in the JQL Query: Expecting ')' before the end of the list.")
    return values


def _known_projects(values: list[str]) -> None:
    known = {word.lower() for one in Project.objects.all() for word in (one.key, one.name)}
    for value in values:
        if value.lower() not in known:
            raise BadQuery(f"The value '{value}' does not exist for the field 'project'.")


def _order(tokens: _Tokens) -> list[tuple[str, bool]]:
    order = []
    while True:
        name = tokens.value().lower()
        if name not in SORTED_BY:
            raise BadQuery(f"Not able to sort using field '{name}'.")
        descending = tokens.accept("desc")
        if not descending:
            tokens.accept("asc")
        order.append((SORTED_BY[name], descending))
        if not tokens.accept(","):
            return order
