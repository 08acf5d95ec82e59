"""A step's code writes to rows only while its worker holds the step: checked for every statement of the journeys.

A worker that was stopped for longer than its lease goes on in the middle of a step that another one holds by then. So each
write is in a `Work.transaction`, or is conditional on the step's epoch itself. Events are exempt: the log is append-only, and
nothing is decided by it.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from engine import failpoints, statements
from engine.failpoints import Failpoint
from engine.models import Step

FENCE = 'UPDATE "engine_step" SET "lease_until"'
CONDITIONAL = '"engine_step"."epoch" = '
_OWN = {statements.INTEND_EFFECT, statements.RECORD_EFFECT, statements.REFUSE_EFFECT}
_EXEMPT = ("integrations_", "events_event", "django_")
_WRITE = re.compile(r'\b(?:INSERT INTO|(?<!DO )(?<!FOR )(?<!KEY )UPDATE|DELETE FROM)\s+"?([a-z_]+)"?', re.IGNORECASE)
_Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class _Watch:
    """Sees every statement of this connection; `performing` is the step whose code runs now."""

    def __init__(self) -> None:
        self.performing: Step | None = None
        self.is_fenced = False
        self.unfenced: list[str] = []

    def reach(self, point: Failpoint, step: Step) -> None:
        if point is Failpoint.CLAIMED:
            self.performing = step
        elif point is Failpoint.COMPLETING:
            self.performing = None

    def __call__(self, execute: _Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.is_fenced = connection.in_atomic_block and (self.is_fenced or sql.startswith(FENCE))
        if self.performing is not None and not self.is_fenced and sql not in _OWN and CONDITIONAL not in sql:
            tables = [table for table in _WRITE.findall(sql) if not table.startswith(_EXEMPT)]
            self.unfenced += [f"{self.performing.name} writes to {table}: {sql[:200]}" for table in tables]
        return execute(sql, params, many, context)


_watch = _Watch()


@contextmanager
def watched() -> Iterator[None]:
    """Raises AssertionError where a step wrote although it could have been lost."""
    if _watch.reach not in failpoints._listeners:
        failpoints.subscribe(_watch.reach)
    _watch.unfenced.clear()
    _watch.performing = None
    with connection.execute_wrapper(_watch):
        yield
    assert not _watch.unfenced, "\n".join(sorted(set(_watch.unfenced)))
