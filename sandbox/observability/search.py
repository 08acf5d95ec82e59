"""Elasticsearch's query language, as far as looking for log lines takes it, over documents in Python.

https://www.elastic.co/docs/reference/query-languages/querydsl
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from django.db.models import Q
from django.utils import timezone

from sandbox.observability.models import Document

SCANNED = 20_000
"""The newest documents that a search looks at."""

Test = Callable[[Document], bool]
ROUNDING = {
    "d": {"hour": 0, "minute": 0, "second": 0, "microsecond": 0},
    "h": {"minute": 0, "second": 0, "microsecond": 0},
}
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class BadQuery(ValueError):
    """Refused as `parsing_exception`."""


def indices(expression: str) -> Q:
    """The condition for `logs-*,other`; `_all` and nothing mean every index."""
    condition = Q()
    for pattern in filter(None, expression.split(",")):
        if pattern in ("_all", "*"):
            return Q()
        condition |= Q(index__regex="^" + re.escape(pattern).replace(r"\*", ".*") + "$")
    return condition


def find(expression: str, query: dict[str, Any] | None) -> list[Document]:
    """The documents of the indices that the query accepts, newest first. Raises BadQuery."""
    accepts = test(query or {"match_all": {}})
    rows = Document.objects.filter(indices(expression)).order_by("-at", "-id")[:SCANNED]
    return [one for one in rows if accepts(one)]


def values(source: Any, path: str) -> list[Any]:
    """What a document has at a dotted path: nested objects and dotted names alike, lists flattened."""
    if not path:
        return source if isinstance(source, list) else [] if source is None else [source]
    if isinstance(source, list):
        return [value for one in source for value in values(one, path)]
    if not isinstance(source, dict):
        return []
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        head = ".".join(parts[:length])
        if head in source:
            return values(source[head], ".".join(parts[length:]))
    return []


def field(document: Document, name: str) -> list[Any]:
    return values(document.source, name.removesuffix(".keyword"))


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
    occurrences = ("must", "filter", "should", "must_not")
    unknown = set(body) - {*occurrences, "minimum_should_match"}
    if unknown:
        raise BadQuery(f"[bool] query does not support [{sorted(unknown)[0]}]")
    parts = {name: [test(one) for one in _listed(body.get(name, []))] for name in occurrences}
    required = parts["must"] + parts["filter"]
    least = int(body.get("minimum_should_match", 0 if required or not parts["should"] else 1))
    return lambda document: (
        all(one(document) for one in required)
        and sum(one(document) for one in parts["should"]) >= least
        and not any(one(document) for one in parts["must_not"])
    )


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def _field_and(body: Any, inside: str) -> tuple[str, Any]:
    """`{"name": value}` and `{"name": {"value": value}}` are the same."""
    if not isinstance(body, dict) or len(body) != 1:
        raise BadQuery("query doesn't support multiple fields")
    ((name, said),) = body.items()
    return name, said.get(inside) if isinstance(said, dict) else said


def _term(body: Any) -> Test:
    name, wanted = _field_and(body, "value")
    return lambda document: any(_same(value, wanted) for value in field(document, name))


def _same(value: Any, wanted: Any) -> bool:
    return value == wanted or str(value) == str(wanted)


def _terms(body: Any) -> Test:
    name, wanted = _field_and(body, "value")
    return lambda document: any(_same(value, one) for value in field(document, name) for one in wanted or [])


def _tokens(text: Any) -> list[str]:
    return re.findall(r"\w+", str(text).lower())


def _match(body: Any) -> Test:
    name, wanted = _field_and(body, "query")
    said = next(iter(body.values()))
    every = isinstance(said, dict) and str(said.get("operator", "or")).lower() == "and"
    words = _tokens(wanted)
    joined = all if every else any
    return lambda document: any(joined(word in _tokens(value) for word in words) for value in field(document, name))


def _phrase(body: Any) -> Test:
    name, wanted = _field_and(body, "query")
    phrase = f" {' '.join(_tokens(wanted))} "
    return lambda document: any(phrase in f" {' '.join(_tokens(value))} " for value in field(document, name))


def _range(body: Any) -> Test:
    if not isinstance(body, dict) or len(body) != 1:
        raise BadQuery("[range] query doesn't support multiple fields")
    ((name, bounds),) = body.items()
    unknown = set(bounds) - {"gt", "gte", "lt", "lte", "format", "time_zone", "boost"}
    if unknown:
        raise BadQuery(f"[range] query does not support [{sorted(unknown)[0]}]")
    limits = {key: _comparable(value) for key, value in bounds.items() if key in ("gt", "gte", "lt", "lte")}
    return lambda document: any(_within(_comparable(value), limits) for value in field(document, name))


def _within(value: float, limits: dict[str, float]) -> bool:
    checks: dict[str, Callable[[float], bool]] = {
        "gt": lambda limit: value > limit,
        "gte": lambda limit: value >= limit,
        "lt": lambda limit: value < limit,
        "lte": lambda limit: value <= limit,
    }
    return all(checks[name](limit) for name, limit in limits.items())


def _comparable(value: Any) -> float:
    """A number, or a time in milliseconds: ISO 8601, or date math like `now-5m/d`."""
    if isinstance(value, int | float):
        return float(value)
    text = str(value)
    relative = re.fullmatch(r"now(?:([+-]\d+)([smhdw]))?(?:/([dh]))?", text)
    if relative:
        moment = timezone.now()
        if relative[1]:
            moment += timedelta(**{UNITS[relative[2]]: int(relative[1])})
        moment = moment.replace(**ROUNDING[relative[3]]) if relative[3] else moment  # type: ignore[arg-type]
        return moment.timestamp() * 1000
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuery(f"failed to parse date field [{text}]") from error
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000


def _exists(body: Any) -> Test:
    return lambda document: bool(field(document, str(body.get("field"))))


def _prefix(body: Any) -> Test:
    name, wanted = _field_and(body, "value")
    return lambda document: any(str(value).startswith(str(wanted)) for value in field(document, name))


def _wildcard(body: Any) -> Test:
    name, wanted = _field_and(body, "value")
    return lambda document: any(fnmatchcase(str(value), str(wanted)) for value in field(document, name))


def _query_string(body: Any) -> Test:
    """`field:value` and words, joined by AND (or OR where it stands between them)."""
    text = str(body.get("query", ""))
    groups = [
        [_clause(word) for word in re.findall(r'(?:[\w.@-]+:)?"[^"]*"|\S+', group) if word != "AND"]
        for group in re.split(r"\s+OR\s+", text)
    ]
    return lambda document: any(all(one(document) for one in group) for group in groups)


def _clause(word: str) -> Test:
    name, colon, value = word.partition(":")
    if not colon or word.startswith('"'):
        return _phrase({"message": word.strip('"*')}) if word.strip('"*') else lambda document: True
    plain = value.strip('"')
    if "*" in plain:
        return _wildcard({name: plain})
    return _phrase({name: plain}) if name == "message" else _term({name: plain})


CLAUSES: dict[str, Callable[[Any], Test]] = {
    "match_all": lambda body: lambda document: True,
    "bool": _bool,
    "term": _term,
    "terms": _terms,
    "match": _match,
    "match_phrase": _phrase,
    "range": _range,
    "exists": _exists,
    "prefix": _prefix,
    "wildcard": _wildcard,
    "query_string": _query_string,
    "simple_query_string": _query_string,
}


def ordered(documents: list[Document], sort: Any) -> tuple[list[Document], list[str]]:
    """Sorted as `sort` says, with the names of the fields; newest first where it says nothing."""
    names: list[str] = []
    for one in reversed(_listed(sort or [])):
        name, said = (one, "asc") if isinstance(one, str) else next(iter(one.items()))
        direction = said.get("order", "asc") if isinstance(said, dict) else said
        names.insert(0, name)
        documents = sorted(documents, key=lambda document: _sort_key(document, name), reverse=direction == "desc")
    return documents, names


def _sort_key(document: Document, name: str) -> tuple[int, float, str]:
    if name in ("@timestamp", "_doc"):
        return (1, document.at.timestamp() if name == "@timestamp" else document.id, "")
    found = field(document, name)
    first = found[0] if found else None
    if isinstance(first, int | float):
        return (1, float(first), "")
    return (0 if first is None else 1, 0.0, str(first))
