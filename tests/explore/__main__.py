"""Explores schedules of the engine's statements until the time is up or one of them breaks an invariant.

Without options it is a short run with a fixed seed, as in `bin/test`. A schedule that breaks something is shown as a table of
who did what, shortened as far as that is quick, together with the command that repeats it.
"""

import argparse
import os
import sys
from pathlib import Path

import django

SECONDS, SEED = 40.0, 1
SETUP = """graph=join runs=1 effects=1 find_first=False lag=4 queues=1 listeners=False"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/test explore", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--minutes", type=float, default=SECONDS / 60, help="explore for this long (default: 40 seconds)"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="of all schedules (default: %(default)s)")
    parser.add_argument("--schedules", type=int, default=0, help="explore this many, however long it takes")
    parser.add_argument("--schedule", type=int, help="repeat only the schedule of this number, and show it")
    parser.add_argument("--replay", type=Path, nargs="+", help="repeat the schedules in these files, and show them")
    parser.add_argument("--setup", help=f"explore only this one, written as “{SETUP}”")
    parser.add_argument("--no-shrink", action="store_true", help="show no shortened schedule")
    parser.add_argument("--until", default="", help="stop only at a violation with these words")
    parser.add_argument("--keep-going", action="store_true", help="count the faults instead of stopping at the first")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    # A thread may stop in a transaction for long.
    os.environ["PGOPTIONS"] = "-c idle_in_transaction_session_timeout=0"
    django.setup()
    from tests.explore import explorer, session  # noqa: PLC0415 - the models are loaded only now

    with explorer.prepared() as prepared:
        return session.run(options, prepared)


if __name__ == "__main__":
    sys.exit(main())
