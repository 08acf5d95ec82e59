"""The part of JQL that a robot uses: comparisons joined by AND, OR and NOT, and ORDER BY.

Known are project, key, labels, status, statusCategory, resolution, issuetype, summary, description, text, reporter,
created, updated and `issue.property[key].path`. Everything else is refused in JIRA's own words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.jira.jql_fields import ALIASES, TEXTS, TIMES, VALUES, BadQuery, known_projects, moment, reader
from sandbox.jira.models import Issue

Test = Callable[[Issue], bool]
Order = tuple[str, bool]  # field, descending

TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<mark>!=|!~|<=|>=|[=~<>(),])"""
    r"""|(?P<property>issue\.property\[[^\]]+\](?:\.[\w.-]+)?)|(?P<word>[^\s=!~<>(),"']+))""",
    re.IGNORECASE,
)


@dataclass
class Query:
    matches: Test
    order: list[Order]

    def run(self, issues: list[Issue]) -> list[Issue]:
        found = [issue for issue in issues if self.matches(issue)]
        for field, descending in reversed(self.order or [("created", True)]):
            found.sort(key=lambda issue: (getattr(issue, field), issue.id), reverse=descending)
        return found


@dataclass
class _Tokens:
    """What is left to read, as (kind, text)."""

    left: list[tuple[str, str]]

    def peek(self) -> str:
        return self.left[0][1].lower() if self.left and self.left[0][0] != "quoted" else ""

    def take(self) -> tuple[str, str]:
        if not self.left:
            raise BadQuery("Error in the JQL Query: Expecting either a value, list or function but got the end.")
        return self.left.pop(0)

    def accept(self, *words: str) -> bool:
        """Take these words if they come next."""
        coming = [text.lower() for kind, text in self.left[: len(words)] if kind != "quoted"]
        if coming != list(words):
            return False
        del self.left[: len(words)]
        return True

    def value(self) -> str:
        kind, text = self.take()
        if kind == "mark":
            raise BadQuery(f"Error in the JQL Query: Expecting either a value, list or function but got '{text}'.")
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "quoted" else text


def parse(text: str) -> Query:
    """The query as a test and an order. Raises BadQuery."""
    tokens = _Tokens(_tokens(text))
    matches: Test = (lambda issue: True) if not tokens.left or tokens.peek() == "order" else _either(tokens)
    order = _order(tokens) if tokens.accept("order", "by") else []
    if tokens.left:
        raise BadQuery(f"Error in the JQL Query: Expecting 'AND' or 'OR' but got '{tokens.left[0][1]}'.")
    return Query(matches, order)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(text.rstrip()):
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise BadQuery(f"Error in the JQL Query: The character at position {position} is a reserved JQL character.")
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


def _either(tokens: _Tokens) -> Test:
    tests = [_all(tokens)]
    while tokens.accept("or"):
        tests.append(_all(tokens))
    return lambda issue: any(test(issue) for test in tests)


def _all(tokens: _Tokens) -> Test:
    tests = [_term(tokens)]
    while tokens.accept("and"):
        tests.append(_term(tokens))
    return lambda issue: all(test(issue) for test in tests)


def _term(tokens: _Tokens) -> Test:
    if tokens.accept("not"):
        test = _term(tokens)
        return lambda issue: not test(issue)
    if tokens.accept("("):
        inner = _either(tokens)
        if not tokens.accept(")"):
            raise BadQuery("Error in the JQL Query: Expecting ')' before the end of the query.")
        return inner
    return _clause(tokens)


def _clause(tokens: _Tokens) -> Test:
    kind, name = tokens.take()
    field = name if kind == "property" else ALIASES.get(name.lower().strip("\"'"), name.lower().strip("\"'"))
    if kind != "property" and field not in VALUES and field not in TEXTS and field not in TIMES:
        raise BadQuery(f"Field '{name}' does not exist or you do not have permission to view it.")
    if tokens.accept("is", "not"):
        return _filled(field, tokens, True)
    if tokens.accept("is"):
        return _filled(field, tokens, False)
    if tokens.accept("not", "in"):
        test = _among(field, _listed(tokens))
        return lambda issue: not test(issue)
    if tokens.accept("in"):
        return _among(field, _listed(tokens))
    return _compared(field, tokens)


def _compared(field: str, tokens: _Tokens) -> Test:
    kind, operator = tokens.take()
    if kind != "mark" or operator in "(),":
        raise BadQuery(f"Error in the JQL Query: Expecting operator but got '{operator}'.")
    value = tokens.value()
    if field in TIMES:
        return _timed(field, operator, value)
    if operator in ("~", "!~"):
        return _worded(field, value, operator == "~")
    if operator not in ("=", "!=") or (field in TEXTS):
        raise BadQuery(f"The operator '{operator}' is not supported by the '{field}' field.")
    test = _among(field, [value])
    return test if operator == "=" else lambda issue: not test(issue)


def _listed(tokens: _Tokens) -> list[str]:
    if not tokens.accept("("):
        raise BadQuery("Error in the JQL Query: Expecting '(' after 'in'.")
    values = [tokens.value()]
    while tokens.accept(","):
        values.append(tokens.value())
    if not tokens.accept(")"):
        raise BadQuery("Error in the JQL Query: Expecting ')' before the end of the list.")
    return values


def _among(field: str, values: list[str]) -> Test:
    if field == "project":
        known_projects(values)
    wanted = {value.lower() for value in values}
    read = reader(field)
    return lambda issue: any(value.lower() in wanted for value in read(issue))


def _filled(field: str, tokens: _Tokens, expected: bool) -> Test:
    if tokens.value().lower() not in ("empty", "null"):
        raise BadQuery("Error in the JQL Query: 'IS' takes EMPTY or NULL.")
    if field == "resolution":
        return lambda issue: bool(issue.resolution) is expected
    read = reader(field)
    return lambda issue: any(read(issue)) is expected


def _worded(field: str, value: str, expected: bool) -> Test:
    if field not in TEXTS:
        raise BadQuery(f"The operator '~' is not supported by the '{field}' field.")
    phrase = value.strip('"').lower()
    words = [phrase] if value.startswith('"') else phrase.replace("*", "").split()
    read = TEXTS[field]
    return lambda issue: all(word in " ".join(read(issue)).lower() for word in words) is expected


def _timed(field: str, operator: str, value: str) -> Test:
    limit = moment(value)
    compare: dict[str, Callable[[datetime], bool]] = {
        ">": lambda at: at > limit,
        ">=": lambda at: at >= limit,
        "<": lambda at: at < limit,
        "<=": lambda at: at <= limit,
        "=": lambda at: at == limit,
    }
    if operator not in compare:
        raise BadQuery(f"The operator '{operator}' is not supported by the '{field}' field.")
    return lambda issue: compare[operator](getattr(issue, field))


def _order(tokens: _Tokens) -> list[Order]:
    order: list[Order] = []
    while True:
        name = tokens.value().lower()
        field = ALIASES.get(name, name)
        if field not in {"created", "updated", "key", "id", "status", "summary"}:
            raise BadQuery(f"Not able to sort using field '{name}'.")
        descending = tokens.accept("desc")
        if not descending:
            tokens.accept("asc")
        order.append(("id" if field == "key" else field, descending))
        if not tokens.accept(","):
            return order
