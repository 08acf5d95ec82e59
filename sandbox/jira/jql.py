"""The part of JQL that a bot uses: comparisons joined by AND, and ORDER BY. The rest gets JIRA's own error messages."""

import re
from collections.abc import Callable, Iterable

from sandbox.jira.models import Issue, Project
from sandbox.jira.refusals import Refused
from sandbox.jira.workflow import CATEGORY_NAMES

VALUES: dict[str, Callable[[Issue], list[str]]] = {
    "project": lambda issue: [issue.project.key, issue.project.name],
    "key": lambda issue: [issue.key, *(former.key for former in issue.former_keys.all())],
    "labels": lambda issue: issue.labels,
    "status": lambda issue: [issue.status],
    "statuscategory": lambda issue: list(CATEGORY_NAMES[issue.status]),
}
SORTED_BY = {"created": "created", "updated": "updated", "key": "id"}
CLAUSE = re.compile(r'(?P<field>\w+)\s*(?P<operator>!?=)\s*(?:"(?P<quoted>[^"]*)"|(?P<word>[^\s"]+))')
SORT = re.compile(r"(?P<field>\w+)(?:\s+(?P<direction>asc|desc))?", re.IGNORECASE)
ORDER_BY = re.compile(r"\s*\border\s+by\s+", re.IGNORECASE)
AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def run(query: str, issues: Iterable[Issue]) -> list[Issue]:
    """The issues that match, in the order of the query; newest first where it names none. Raises Refused."""
    where, *order = ORDER_BY.split(query.strip(), maxsplit=1)
    clauses = [_clause(text) for text in AND.split(where)] if where else []
    matches = [issue for issue in issues if all(clause(issue) for clause in clauses)]
    for text in reversed((order or ["created desc"])[0].split(",")):
        attribute, descending = _sort(text.strip())
        matches.sort(key=lambda issue: (getattr(issue, attribute), issue.id), reverse=descending)
    return matches


def _clause(text: str) -> Callable[[Issue], bool]:
    match = CLAUSE.fullmatch(text.strip())
    if match is None:
        raise Refused(f"Error in the JQL Query: Expecting a comparison but got '{text}'.")
    field, value = match["field"].lower(), match["quoted"] if match["word"] is None else match["word"]
    if field not in VALUES:
        raise Refused(f"Field '{match['field']}' does not exist or you do not have permission to view it.")
    if field == "project" and not Project.objects.filter(key__iexact=value).exists():
        raise Refused(f"The value '{value}' does not exist for the field 'project'.")
    expected = match["operator"] == "="
    return lambda issue: (value.lower() in (text.lower() for text in VALUES[field](issue))) is expected


def _sort(text: str) -> tuple[str, bool]:
    """The attribute of an issue to sort by, and whether the order is descending."""
    match = SORT.fullmatch(text)
    if match is None or match["field"].lower() not in SORTED_BY:
        raise Refused(f"Not able to sort using field '{text}'.")
    return SORTED_BY[match["field"].lower()], (match["direction"] or "").lower() == "desc"
