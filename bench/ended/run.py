"""How long pages take with many finished runs in the database, and what a finished run takes on the disk.

Each page is requested in this process, without a network, and the fastest request counts: on a busy machine the others wait
for a core. The median follows after a slash. The finished runs are copies of one that the
engine executed, spread over a year. After the pages: the size of the database per finished run, and what is left of it once
`manage.py prune` has removed what is older than its age (all runs are made old for this).
"""

import argparse
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from bench.ended import setup

if TYPE_CHECKING:
    from django.test import Client

    from tests.history import Template

PAGES = ("/metrics", "/operations/", "/", "/onboardings/", "/queue/", "/record/")
GOAL_MS, GOAL_PAGES = 20, ("/metrics", "/operations/")


class Times(NamedTuple):
    """Milliseconds."""

    fastest: float
    median: float


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/history", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--runs", type=int, nargs="+", default=[0, 1_000, 10_000, 100_000], help="finished runs (default: %(default)s)"
    )
    parser.add_argument("--repeats", type=int, default=30, help="requests per page (default: %(default)s)")
    parser.add_argument("--pruned", type=int, default=10_000, help="finished runs to prune (default: %(default)s)")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    source = setup.prepare()
    from bench.ended import disk  # noqa: PLC0415 - Django is set up now
    from catalog.models import Person  # noqa: PLC0415
    from tests.pages.conftest import signed_in  # noqa: PLC0415

    client = signed_in(Person.objects.get(username="pat"))
    sys.stdout.write(f"{'finished runs':>14}" + "".join(f"{page:>22}" for page in PAGES) + "\n")
    lines: list[dict[str, Times]] = []
    for runs, before in zip(options.runs, [0, *options.runs], strict=False):
        fill(source, runs - before)
        lines.append({page: milliseconds(client, page, options.repeats) for page in PAGES})
        cells = "".join(cell(lines[-1][page], lines[0][page]) for page in PAGES)
        sys.stdout.write(f"{runs:14,}{cells}\n")
        sys.stdout.flush()
    missed = any(line[page].fastest > GOAL_MS for line in lines for page in GOAL_PAGES)
    sys.stdout.write(
        f"  ms: fastest / median of {options.repeats} (the fastest compared with the first line); load {os.getloadavg()[0]:.1f} "
        f"on {os.cpu_count()} cores\n  goal for {' and '.join(GOAL_PAGES)}: < {GOAL_MS} ms: {'MISSED' if missed else 'met'}\n\n"
    )
    sys.stdout.write(disk.report(options.pruned))
    return int(missed)


def fill(source: "Template", count: int) -> None:
    """More finished runs, and what autovacuum does within minutes."""
    from django.db import connection  # noqa: PLC0415 - Django is set up now

    from tests import history  # noqa: PLC0415

    history.add(source, count)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def cell(times: Times, before: Times) -> str:
    text = f"{times.fastest:.1f} / {times.median:.1f} ({times.fastest / before.fastest:.1f})"
    return f"{text:>22}"


def milliseconds(client: "Client", page: str, repeats: int) -> Times:
    """The first request is not counted."""
    durations = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        response = client.get(page, headers={"host": "127.0.0.1"})
        durations.append(1000 * (time.perf_counter() - began))
        assert response.status_code == 200, page
    return Times(min(durations[1:]), statistics.median(durations[1:]))


if __name__ == "__main__":
    sys.exit(main())
