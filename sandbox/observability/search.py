"""The part of Elasticsearch's query language that searches log lines, evaluated over documents in Python.

https://www.elastic.co/docs/reference/query-languages/querydsl
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from operator import ge, gt, le, lt
from typing import Any

from django.db.models import Q

from sandbox.observability.models import Document

MAX_SCANNED = 20_000
"""A search reads at most this many of the newest documents."""

Predicate = Callable[[Document], bool]
BOUNDS = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
OCCURRENCES = ("must", "filter", "should", "must_not")
WORD = re.compile(r"\w+")


class BadQuery(ValueError):
    """The query is refused with a `parsing_exception`."""


def indices(expression: str) -> Q:
    """The condition for an index expression like `logs-*,other`. An empty expression means every index."""
    condition = Q()
    for pattern in filter(None, expression.split(",")):
        condition |= Q(index__regex="^" + re.escape(pattern).replace(r"\*", ".*") + "$")
    return condition


def find(expression: str, query: dict[str, Any] | None) -> list[Document]:
    """The documents of the indices that match the query, newest first. Raises BadQuery."""
    matches = predicate(query or {"match_all": {}})
    documents = Document.objects.filter(indices(expression)).order_by("-at", "-id")[:MAX_SCANNED]
    return [document for document in documents if matches(document)]


def values(source: Any, path: str) -> list[Any]:
    """The values of a document at a dotted path: one value, or the items of a list."""
    for name in path.split("."):
        source = source.get(name) if isinstance(source, dict) else None
    return source if isinstance(source, list) else [] if source is None else [source]


def predicate(query: dict[str, Any]) -> Predicate:
    """The query as a predicate on documents. Raises BadQuery for an unknown clause."""
    if not isinstance(query, dict) or len(query) != 1:
        raise BadQuery("[bool] malformed query, expected exactly one query clause")
    ((kind, body),) = query.items()
    clause = CLAUSES.get(kind)
    if clause is None:
        raise BadQuery(f"unknown query [{kind}]")
    return clause(body)


def _bool(body: dict[str, Any]) -> Predicate:
    unknown = set(body) - {*OCCURRENCES, "minimum_should_match"}
    if unknown:
        raise BadQuery(f"[bool] query does not support [{sorted(unknown)[0]}]")
    must, filters, should, must_not = (
        [predicate(clause) for clause in _as_list(body.get(name, []))] for name in OCCURRENCES
    )
    required = must + filters
    minimum = int(body.get("minimum_should_match", 0 if required or not should else 1))
    return lambda document: (
        all(matches(document) for matches in required)
        and sum(matches(document) for matches in should) >= minimum
        and not any(matches(document) for matches in must_not)
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _field(body: Any) -> tuple[str, Any]:
    """The only field of a clause, and what the clause demands of it."""
    if not isinstance(body, dict) or len(body) != 1:
        raise BadQuery("query doesn't support multiple fields")
    ((name, value),) = body.items()
    return name, value


def _terms(body: Any) -> Predicate:
    """`term` and `terms`: exactly one of the values."""
    name, value = _field(body)
    terms = {str(term) for term in _as_list(value)}
    return lambda document: any(str(value) in terms for value in values(document.source, name))


def _words(text: Any) -> str:
    return f" {' '.join(WORD.findall(str(text).lower()))} "


def _phrase(body: Any) -> Predicate:
    name, text = _field(body)
    phrase = _words(text)
    return lambda document: any(phrase in _words(value) for value in values(document.source, name))


def _range(body: Any) -> Predicate:
    name, bounds = _field(body)
    unknown = set(bounds) - set(BOUNDS)
    if unknown:
        raise BadQuery(f"[range] query does not support [{sorted(unknown)[0]}]")
    limits = [(BOUNDS[key], parse_time(value)) for key, value in bounds.items()]
    return lambda document: any(
        all(compare(parse_time(value), limit) for compare, limit in limits) for value in values(document.source, name)
    )


def parse_time(text: Any) -> datetime:
    """A time in ISO 8601; UTC where it has no offset. Raises BadQuery."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadQuery(f"failed to parse date field [{text}]") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


CLAUSES: dict[str, Callable[[Any], Predicate]] = {
    "match_all": lambda body: lambda document: True,
    "bool": _bool,
    "term": _terms,
    "terms": _terms,
    "match_phrase": _phrase,
    "range": _range,
}
