"""What a backlog costs: a sweep over many waiting runs, and claiming a step where many are due in one queue.

https://www.postgresql.org/docs/current/sql-analyze.html is run once before, as autovacuum does within a minute.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

RUNS = 10_000
SHARES = 20
REPEATS = 30
GOAL_MS = 20


def main() -> int:
    os.environ.update(ONRAMP_DEMO="1", SECRET_KEY="only for measuring: 0123456789012345678901234567")
    os.environ.update(REDIS_URL="redis://unused")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django  # noqa: PLC0415 - the environment comes first
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection  # noqa: PLC0415

    from engine import claims, registry, waking  # noqa: PLC0415
    from engine.models import Step  # noqa: PLC0415

    registry.set_notifier(lambda _queue, _step_id: None)
    with connection.cursor() as cursor:
        _insert_runs(cursor, "waiting", "1 hour", RUNS)
        cursor.execute("ANALYZE")
        sweep = _milliseconds(waking.sweep)
        _insert_runs(cursor, "ready", "-1 minute", RUNS)
        cursor.execute("ANALYZE")
        step_id = Step.objects.filter(state="ready").values_list("pk", flat=True)[0]
        claim = _milliseconds(lambda: claims.claim_next(step_id))
        sweep_when_due = _milliseconds(waking.sweep)
    met = "met" if sweep < GOAL_MS else "MISSED"
    sys.stdout.write(
        f"A backlog of {RUNS:,} runs of {SHARES} teams in one queue, median of {REPEATS}\n"
        f"  a sweep while all of them wait    {sweep:8.1f} ms (goal < {GOAL_MS} ms: {met})\n"
        f"  a sweep with as many more due     {sweep_when_due:8.1f} ms\n"
        f"  claiming one of the due steps     {claim:8.1f} ms\n"
    )
    return 0


def _insert_runs(cursor: "CursorWrapper", state: str, due: str, count: int) -> None:
    """`count` runs of one step each, due at the interval `due` from now."""
    cursor.execute(
        f"""
        WITH numbers AS (
            SELECT number, 'team-' || number %% {SHARES} AS share, gen_random_uuid() AS run FROM generate_series(1, %s) number
        ), runs AS (
            INSERT INTO engine_run (id, kind, state, topic, version, trace)
            SELECT run, 'backlog', 'active', 'source:acme/' || number, 0, '' FROM numbers
        )
        INSERT INTO engine_step (run_id, name, position, needs, queue, share, state, move, attempt, failures, crashes,
            epoch, due_at, woken, reason, detail, links, result)
        SELECT run, 'first', 0, '{{}}', 'bench', share, %s, 'machine', 1, 0, 0, 1,
            now() + %s::interval + number * interval '1 millisecond', false, '', '', '[]', '{{}}' FROM numbers
        """,
        [count, state, due],
    )


def _milliseconds(act: Callable[[], object]) -> float:
    """The median; the first call is not counted."""
    durations = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        act()
        durations.append(1000 * (time.perf_counter() - began))
    return statistics.median(durations[1:])


if __name__ == "__main__":
    sys.exit(main())
