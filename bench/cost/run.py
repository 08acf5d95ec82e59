"""What one onboarding costs: our own time, database statements, calls per provider and route.

A real sandbox answers over HTTP. The engine executes its real steps in this process, one at a time, so that everything
can be counted. Webhooks arrive over HTTP. Alice merges the pull request; her merge is not counted.
Our own time is the CPU time of this process outside exchanges with providers, plus the time spent waiting for the
database.
"""

import argparse
import cProfile
import logging
import pstats
import sys
import time
from pathlib import Path

from bench.cost import environment


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/onboarding", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repository", default="acme/parcel-tracker", help="one of the samples (default: %(default)s)")
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="FILE",
        help="also profile the CPU time of everything that is counted, into FILE (read it with pstats)",
    )
    parser.add_argument("--statements", type=Path, metavar="FILE", help="also write every statement into FILE, by part")
    parser.add_argument("--top", type=int, default=25, help="lines of the profile to print (default: %(default)s)")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    with environment.running() as (sandbox, port):
        # Importable only now that Django is set up.
        from bench.cost import onboarding, report  # noqa: PLC0415
        from bench.cost.ledger import Ledger  # noqa: PLC0415

        logging.disable(logging.WARNING)
        profile = cProfile.Profile(time.thread_time) if options.profile else None
        ledger = Ledger(profile)
        with onboarding.database(), onboarding.serving(ledger, port) as webhooks:
            onboarding.warm_up(ledger, f"http://127.0.0.1:{port}", webhooks)
            if profile:
                profile.clear()
            onboarding.Driver(ledger, sandbox.url, options.repository, webhooks).run()
            count = sum(len(part.statements) for part in ledger.parts)
            sys.stdout.write(report.text(ledger, options.repository, onboarding.plain_inserts(count)))
        if options.statements:
            options.statements.write_text(report.statements(ledger))
        if profile:
            profile.dump_stats(options.profile)
            pstats.Stats(profile, stream=sys.stdout).sort_stats("cumtime").print_stats(options.top)
    return 0


if __name__ == "__main__":
    sys.exit(main())
