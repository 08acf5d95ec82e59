"""What one onboarding costs: our own time, database statements, calls per provider and route.

A real sandbox answers over real HTTP; the engine with its real steps runs in this process, one turn after the other,
so that everything can be counted. Webhooks come in over HTTP. The merge is made by Alice, outside what is counted.
Own time is the processor's time of our side, without what the exchanges with providers took, and the waiting for the
database.
"""

import argparse
import cProfile
import logging
import pstats
import sys
import time
from pathlib import Path

from bench import world


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/onboarding", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repository", default="acme/parcel-tracker", help="one of the samples (default: %(default)s)")
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="FILE",
        help="also profile the processor's time of what is counted, into FILE (read it with pstats)",
    )
    parser.add_argument(
        "--statements", type=Path, metavar="FILE", help="also write every statement into FILE, by piece"
    )
    parser.add_argument("--top", type=int, default=25, help="lines of the profile to print (default: %(default)s)")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    with world.surround() as (sandbox, port):
        # Only now is Django set up.
        from bench import journey, report  # noqa: PLC0415
        from bench.ledger import Ledger  # noqa: PLC0415

        logging.disable(logging.WARNING)
        profile = cProfile.Profile(time.thread_time) if given.profile else None
        ledger = Ledger(profile)
        with journey.database(), journey.serving(ledger, port) as webhooks:
            journey.warm_up(ledger, f"http://127.0.0.1:{port}", webhooks)
            if profile:
                profile.clear()
            journey.Journey(ledger, sandbox.url, given.repository, webhooks).run()
            total = sum(piece.statements for piece in ledger.pieces)
            sys.stdout.write(report.of(ledger, given.repository, journey.plain_inserts(total)))
        if given.statements:
            given.statements.write_text(report.statements(ledger))
        if profile:
            profile.dump_stats(given.profile)
            pstats.Stats(profile, stream=sys.stdout).sort_stats("cumtime").print_stats(given.top)
    return 0


if __name__ == "__main__":
    sys.exit(main())
