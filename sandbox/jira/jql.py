"""The part of JQL that a robot uses: comparisons joined by AND, and ORDER BY. The rest is refused in JIRA's own words."""

import re
from collections.abc import Callable, Iterable

from sandbox.jira.describe import CATEGORY_OF_STATUS
from sandbox.jira.models import Issue, Project
from sandbox.jira.refusals import Refused

VALUES: dict[str, Callable[[Issue], list[str]]] = {
    "project": lambda issue: [issue.project.key, issue.project.name],
    "key": lambda issue: [issue.key, *(one.key for one in issue.former_keys.all())],
    "labels": lambda issue: issue.labels,
    "status": lambda issue: [issue.status],
    "statuscategory": lambda issue: list(CATEGORY_OF_STATUS[issue.status]),
}
SORTED_BY = {"created": "created", "updated": "updated", "key": "id"}
CLAUSE = re.compile(r'(?P<field>\w+)\s*(?P<operator>!?=)\s*(?:"(?P<quoted>[^"]*)"|(?P<word>[^\s"]+))')
SORT = re.compile(r"(?P<field>\w+)(?:\s+(?P<way>asc|desc))?", re.IGNORECASE)
ORDER_BY = re.compile(r"\s*\border\s+by\s+", re.IGNORECASE)
AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def run(text: str, issues: Iterable[Issue]) -> list[Issue]:
    """Those that the query means, in its order; the newest first where it says none. Raises Refused."""
    where, *order = ORDER_BY.split(text.strip(), maxsplit=1)
    tests = [_clause(one) for one in AND.split(where)] if where else []
    found = [issue for issue in issues if all(test(issue) for test in tests)]
    for one in reversed((order or ["created desc"])[0].split(",")):
        field, descending = _sort(one.strip())
        found.sort(key=lambda issue: (getattr(issue, field), issue.id), reverse=descending)
    return found


def _clause(text: str) -> Callable[[Issue], bool]:
    said = CLAUSE.fullmatch(text.strip())
    if said is None:
        raise Refused(f"Error in the JQL Query: Expecting a comparison but got '{text}'.")
    field, value = said["field"].lower(), said["quoted"] if said["word"] is None else said["word"]
    if field not in VALUES:
        raise Refused(f"Field '{said['field']}' does not exist or you do not have permission to view it.")
    if field == "project" and not Project.objects.filter(key__iexact=value).exists():
        raise Refused(f"The value '{value}' does not exist for the field 'project'.")
    expected = said["operator"] == "="
    return lambda issue: (value.lower() in (one.lower() for one in VALUES[field](issue))) is expected


def _sort(text: str) -> tuple[str, bool]:
    """The attribute of an issue, and whether the greatest comes first."""
    said = SORT.fullmatch(text)
    if said is None or said["field"].lower() not in SORTED_BY:
        raise Refused(f"Not able to sort using field '{text}'.")
    return SORTED_BY[said["field"].lower()], (said["way"] or "").lower() == "desc"
