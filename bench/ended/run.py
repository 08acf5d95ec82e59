"""How long pages take with many finished runs in the database, and what a finished run takes on the disk.

Each page is requested in this process, without a network, and the median counts. The finished runs are copies of one that the
engine executed, spread over a year. After the pages: the size of the database per finished run, and what is left of it once
`manage.py prune` has removed what is older than its age (all runs are made old for this).
"""

import argparse
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING

from bench.ended import setup

if TYPE_CHECKING:
    from django.test import Client

PAGES = ("/metrics", "/operations/", "/", "/onboardings/", "/queue/", "/record/")
GOAL_MS, GOAL_PAGES = 20, ("/metrics", "/operations/")


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
    from django.db import connection  # noqa: PLC0415 - Django is set up now

    from bench.ended import disk  # noqa: PLC0415
    from catalog.models import Person  # noqa: PLC0415
    from tests import history  # noqa: PLC0415
    from tests.pages.conftest import signed_in  # noqa: PLC0415

    client = signed_in(Person.objects.get(username="pat"))
    before: dict[str, float] = {}
    sys.stdout.write(f"{'finished runs':>14}" + "".join(f"{page:>20}" for page in PAGES) + "\n")
    there, missed = 0, False
    for runs in options.runs:
        history.add(source, runs - there)
        there = runs
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
        times = {page: milliseconds(client, page, options.repeats) for page in PAGES}
        before = before or times
        cells = "".join(f"{f'{times[page]:.1f} ms ({times[page] / before[page]:.1f})':>20}" for page in PAGES)
        sys.stdout.write(f"{runs:14,}{cells}\n")
        sys.stdout.flush()
        missed |= any(times[page] > GOAL_MS for page in GOAL_PAGES)
    sys.stdout.write(
        f"  median of {options.repeats}, in brackets compared with the first line; goal for {' and '.join(GOAL_PAGES)}: "
    )
    sys.stdout.write(
        f"< {GOAL_MS} ms: {'MISSED' if missed else 'met'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n\n"
    )
    sys.stdout.write(disk.report(options.pruned))
    return int(missed)


def milliseconds(client: "Client", page: str, repeats: int) -> float:
    """The median; the first request is not counted."""
    durations = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        response = client.get(page, headers={"host": "127.0.0.1"})
        durations.append(1000 * (time.perf_counter() - began))
        assert response.status_code == 200, page
    return statistics.median(durations[1:])


if __name__ == "__main__":
    sys.exit(main())
