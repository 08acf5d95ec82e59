"""What a backlog costs: the sweep over so many runs that wait, and taking a step where so many are due in one lane.

https://www.postgresql.org/docs/current/sql-analyze.html is run once before, as PostgreSQL does by itself within a minute.
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
TIMES = 30
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

    from onboarding.engine import hold, registry, waking  # noqa: PLC0415
    from onboarding.models import Step  # noqa: PLC0415

    registry.hang(lambda _lane, _step: None)
    with connection.cursor() as cursor:
        _fill(cursor, "waiting", "1 hour", RUNS)
        cursor.execute("ANALYZE")
        sweep = _milliseconds(waking.sweep)
        _fill(cursor, "ready", "-1 minute", RUNS)
        cursor.execute("ANALYZE")
        some = Step.objects.filter(state="ready").values_list("pk", flat=True)[0]
        claim = _milliseconds(lambda: hold.claim_fairly(some))
        behind = _milliseconds(waking.sweep)
    met = "met" if sweep < GOAL_MS else "MISSED"
    sys.stdout.write(
        f"A backlog of {RUNS:,} runs of {SHARES} teams in one lane, median of {TIMES}\n"
        f"  a sweep, all of them wait   {sweep:8.1f} ms (goal < {GOAL_MS} ms: {met})\n"
        f"  a sweep, as many more due   {behind:8.1f} ms\n"
        f"  taking a step of those due  {claim:8.1f} ms\n"
    )
    return 0


def _fill(cursor: "CursorWrapper", state: str, due: str, count: int) -> None:
    """So many runs of one step each, which is due so much later than now."""
    cursor.execute(
        f"""
        WITH numbers AS (
            SELECT number, 'team-' || number %% {SHARES} AS share, gen_random_uuid() AS run FROM generate_series(1, %s) number
        ), runs AS (
            INSERT INTO onboarding_run (id, kind, state, topic, version, share, trace)
            SELECT run, 'backlog', 'active', 'source:acme/' || number, 0, share, '' FROM numbers
        )
        INSERT INTO onboarding_step (run_id, name, position, needs, queue, share, state, move, attempt, failures, losses,
            epoch, due_at, woken, reason, detail, links, result)
        SELECT run, 'first', 0, '{{}}', 'lane', share, %s, 'machine', 1, 0, 0, 1,
            now() + %s::interval + number * interval '1 millisecond', false, '', '', '[]', '{{}}' FROM numbers
        """,
        [count, state, due],
    )


def _milliseconds(act: Callable[[], object]) -> float:
    """The median; a first time is not counted."""
    took = []
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took[1:])


if __name__ == "__main__":
    sys.exit(main())
