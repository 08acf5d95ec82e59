"""Elasticsearch's query language, as far as looking for log lines takes it, over documents in Python.

https://www.elastic.co/docs/reference/query-languages/querydsl
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from operator import ge, gt, le, lt
from typing import Any

from django.db.models import Q

from sandbox.observability.models import Document

SCANNED = 20_000
"""The newest documents that a search looks at."""

Test = Callable[[Document], bool]
BOUNDS = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
OCCURRENCES = ("must", "filter", "should", "must_not")
WORD = re.compile(r"\w+")


class BadQuery(ValueError):
    """Refused as `parsing_exception`."""


def indices(expression: str) -> Q:
    """The condition for `logs-*,other`; nothing means every index."""
    condition = Q()
    for pattern in filter(None, expression.split(",")):
        condition |= Q(index__regex="^" + re.escape(pattern).replace(r"\*", ".*") + "$")
    return condition


def find(expression: str, query: dict[str, Any] | None) -> list[Document]:
    """The documents of the indices that the query accepts, newest first. Raises BadQuery."""
    accepts = test(query or {"match_all": {}})
    rows = Document.objects.filter(indices(expression)).order_by("-at", "-id")[:SCANNED]
    return [one for one in rows if accepts(one)]


def values(source: Any, path: str) -> list[Any]:
    """What a document has at a dotted path: one value, or the items of a list."""
    for name in path.split("."):
        source = source.get(name) if isinstance(source, dict) else None
    return source if isinstance(source, list) else [] if source is None else [source]


def test(query: dict[str, Any]) -> Test:
    """The query as a test of one document. Raises BadQuery for what is unknown."""
    if not isinstance(query, dict) or len(query) != 1:
        raise BadQuery("[bool] malformed query, expected exactly one query clause")
    ((kind, body),) = query.items()
    known = CLAUSES.get(kind)
    if known is None:
        raise BadQuery(f"unknown query [{kind}]")
    return known(body)


def _bool(body: dict[str, Any]) -> Test:
    unknown = set(body) - {*OCCURRENCES, "minimum_should_match"}
    if unknown:
        raise BadQuery(f"[bool] query does not support [{sorted(unknown)[0]}]")
    parts = {name: [test(one) for one in _listed(body.get(name, []))] for name in OCCURRENCES}
    required = parts["must"] + parts["filter"]
    least = int(body.get("minimum_should_match", 0 if required or not parts["should"] else 1))
    return lambda document: (
        all(one(document) for one in required)
        and sum(one(document) for one in parts["should"]) >= least
        and not any(one(document) for one in parts["must_not"])
    )


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def _single(body: Any) -> tuple[str, Any]:
    if not isinstance(body, dict) or len(body) != 1:
        raise BadQuery("query doesn't support multiple fields")
    ((name, said),) = body.items()
    return name, said


def _terms(body: Any) -> Test:
    """`term` and `terms`: one of the values exactly."""
    name, said = _single(body)
    wanted = {str(one) for one in _listed(said)}
    return lambda document: any(str(value) in wanted for value in values(document.source, name))


def _words(text: Any) -> str:
    return f" {' '.join(WORD.findall(str(text).lower()))} "


def _phrase(body: Any) -> Test:
    name, said = _single(body)
    phrase = _words(said)
    return lambda document: any(phrase in _words(value) for value in values(document.source, name))


def _range(body: Any) -> Test:
    name, bounds = _single(body)
    unknown = set(bounds) - set(BOUNDS)
    if unknown:
        raise BadQuery(f"[range] query does not support [{sorted(unknown)[0]}]")
    limits = [(BOUNDS[key], moment(value)) for key, value in bounds.items()]
    return lambda document: any(
        all(holds(moment(value), limit) for holds, limit in limits) for value in values(document.source, name)
    )


def moment(text: Any) -> datetime:
    """A time in ISO 8601, in UTC unless it says otherwise. Raises BadQuery."""
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadQuery(f"failed to parse date field [{text}]") from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


CLAUSES: dict[str, Callable[[Any], Test]] = {
    "match_all": lambda body: lambda document: True,
    "bool": _bool,
    "term": _terms,
    "terms": _terms,
    "match_phrase": _phrase,
    "range": _range,
}
