"""https://www.elastic.co/docs/api/doc/elasticsearch"""

from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.logs import LogLine, Logs
from tests.integrations.answering import Answer
from tests.integrations.promises import Case, Row

HOUR = timedelta(hours=1)


def refused(kind: str, reason: str, status: int, **headers: str) -> Answer:
    cause = {"type": kind, "reason": reason}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"error": {"root_cause": [cause], **cause}, "status": status}, status, named)


def hits(*sources: dict[str, Any]) -> Answer:
    documents = [{"_index": "logs-app-shop", "_id": "1", "_source": source} for source in sources]
    return Answer({"took": 1, "timed_out": False, "hits": {"total": {"value": len(documents)}, "hits": documents}})


def templates(managed_by: str, retention: str) -> Answer:
    template = {"lifecycle": {"enabled": True, "data_retention": retention}}
    body = {"index_patterns": ["logs-*-shop"], "_meta": {"managed_by": managed_by}, "template": template}
    return Answer({"index_templates": [{"name": "onramp-shop", "index_template": body}]})


INFO = {"name": "es-1", "cluster_name": "acme", "version": {"number": "9.1.2"}, "tagline": "You Know, for Search"}
SOURCE = {"@timestamp": "2026-01-01T00:00:00.000Z", "message": "started", "kubernetes": {"pod": {"name": "web-1-2"}}}
LINE = LogLine(datetime(2026, 1, 1, tzinfo=UTC), "started", "web-1-2")
NO_TEMPLATE = refused("resource_not_found_exception", "index template matching [onramp-shop] not found", 404)
ROW: Row[Logs] = Row(
    options=lambda url: {"url": url, "link": f"{url}/app/{{namespace}}/{{application}}"},
    ready={"GET /_index_template": NO_TEMPLATE, "GET /": Answer(INFO), "POST": hits()},
    denied=(
        refused("security_exception", "unable to authenticate with provided credentials and anonymous access", 401),
    ),
    rate_limited=refused("es_rejected_execution_exception", "rejected execution", 429, Retry_After="3"),
    retry_after=3,
    reads=(
        Case(lambda logs: logs.line("shop", "web", HOUR), hits(SOURCE), LINE),
        Case(lambda logs: logs.errors("shop", "web", HOUR), hits(SOURCE), [LINE]),
        Case(lambda logs: logs.retained("shop"), templates("onramp", "30d"), True),
    ),
    change=Case(
        lambda logs: logs.delete_retention("shop"),
        {"GET": templates("onramp", "30d"), "DELETE": Answer({"acknowledged": True})},
    ),
    missing=(
        Case(lambda logs: logs.line("shop", "web", HOUR), hits(), None),
        Case(lambda logs: logs.retained("shop"), NO_TEMPLATE, False),
    ),
    raises_missing=(
        Case(
            lambda logs: logs.line("shop", "web", HOUR),
            refused("index_not_found_exception", "no such index [logs-app-shop]", 404),
        ),
    ),
    conflict=(
        Case(lambda logs: logs.ensure_retention("shop", 30), templates("ops", "7d")),
        Case(lambda logs: logs.delete_retention("shop"), templates("ops", "7d")),
    ),
    repeated=(
        Case(lambda logs: logs.ensure_retention("shop", 30), {"GET": templates("onramp", "30d")}, False),
        Case(lambda logs: logs.delete_retention("shop"), NO_TEMPLATE),
        Case(lambda logs: logs.delete_retention("shop"), {"GET": templates("onramp", "30d"), "DELETE": NO_TEMPLATE}),
    ),
)
