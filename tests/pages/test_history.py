"""What has ended costs nothing: no page over all runs, and no figure, reads the rows of finished runs one by one."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from tests import history
from tests.conftest import Cast
from tests.pages.conftest import signed_in

FINISHED = 20_000
GROWING = ("engine_", "events_event", "onboarding_onboarding", "onboarding_plan", "onboarding_message")
"""How the names of tables begin that get rows with every run."""
MANY = 2_000
"""Rows: more than any page shows, and a tenth of what has ended."""
PAGES = [
    "/metrics",
    "/operations/",
    "/",
    "/onboardings/",
    "/onboardings/?show=needs",
    "/onboardings/?show=active",
    "/onboardings/?show=done",
    "/onboardings/?show=ended",
    "/queue/",
    "/record/",
    "/record/?person=charlie",
]

Statement = tuple[str, Any]
_READS = re.compile(r"(?:\s*--.*\n)*\s*\(*(?:SELECT|WITH)\b")


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """What is sent to the database within the block, handwritten statements included."""
    sent: list[Statement] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield sent


def costly(statement: Statement) -> set[str]:
    """The tables with a row for every run, or more, that the statement scans, or of which it reads too many rows."""
    sql, params = statement
    if not _READS.match(sql):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        ((plan,),) = cursor.fetchall()
    document = json.loads(plan) if isinstance(plan, str) else plan
    scans = [node for node in _nodes(document[0]["Plan"]) if node.get("Relation Name", "").startswith(GROWING)]
    return {
        node["Relation Name"]
        for node in scans
        if _rows_read(node) > (0 if node["Node Type"] == "Seq Scan" else MANY)  # partitions may be empty
    }


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _rows_read(node: dict[str, Any]) -> float:
    skipped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + skipped) * node["Actual Loops"])


@pytest.mark.django_db
def test_no_page_over_all_runs_scans_what_has_ended(cast: Cast) -> None:
    source = history.template(cast)
    history.add(source, FINISHED)
    readers = {"pat": signed_in(cast.pat), "alice": signed_in(cast.alice), "charlie": signed_in(cast.charlie)}
    costs = {}
    for login, client in readers.items():
        for page in [*PAGES, f"/onboardings/{source.onboarding.pk}/"]:
            with statements() as sent:
                client.get(page)
            for statement in sent:
                for table in costly(statement):
                    costs[login, page, table] = statement[0][:3000]
    assert not costs, "\n\n".join(f"{key}: {sql}" for key, sql in costs.items())
