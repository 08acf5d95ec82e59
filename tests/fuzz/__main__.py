"""Searches for inputs from outside that break what Onramp promises about its parsers.

First every regression is tried again. A failing input is made as small as possible and saved in tests/fuzz/regressions/PARSER/.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.fuzz import campaign, instrumented, parsing_code, regressions, search, world
from tests.fuzz.campaign import Campaign, write
from tests.fuzz.exempt import EXEMPT
from tests.fuzz.parser import Parser

SHORT = 12.0
"""Seconds of the short run, without preparation."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/test fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--minutes", type=float, default=SHORT / 60, help="search for this long (default: %(default).1f)"
    )
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first slice (default: the time)")
    parser.add_argument("--parser", action="append", default=[], help="only this one; can be repeated")
    parser.add_argument(
        "--unreached", action="store_true", help="list the functions that parse and that no document reaches"
    )
    parser.add_argument("--replay", action="store_true", help="try the regressions again, and search for nothing")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    searches = instrumented.AVAILABLE and not (options.replay or options.unreached)
    parsers = instrumented.parsers(search=searches)
    unknown = set(options.parser) - set(parsers)
    if unknown:
        sys.stderr.write(f"There is no parser {', '.join(sorted(unknown))}. Parsers: {', '.join(parsers)}.\n")
        return 2
    chosen = {name: parser for name, parser in parsers.items() if not options.parser or name in options.parser}
    with world.databases(list(chosen.values())):
        if options.unreached:
            return _list_unreached(chosen)
        failing = campaign.replay(chosen)
        if searches:
            failing += _search(chosen, options.minutes * 60, options.seed)
    if not instrumented.AVAILABLE:
        write("Regressions were tried again. Atheris, which searches, exists for Linux on x86-64 only.")
    return 1 if failing else 0


def _list_unreached(parsers: Mapping[str, Parser]) -> int:
    """Exempt functions are not listed."""
    missing = parsing_code.all_parsing_functions() - parsing_code.reached(parsers.values()) - set(EXEMPT)
    write("\n".join(f"{path}: {name}" for path, name in sorted(missing)))
    return 1 if missing else 0


def _search(parsers: Mapping[str, Parser], seconds: float, seed: int) -> list[Path]:
    write(f"seed {seed}: {len(parsers)} parsers for {seconds:,.0f} s")
    with tempfile.TemporaryDirectory(prefix="onramp-fuzz-") as folder:
        corpora = [
            search.corpus(parser, Path(folder), [*parser.samples(), *(each for _, each in regressions.of(name))])
            for name, parser in parsers.items()
        ]
        running = Campaign(corpora, seconds, seed)
        running.run()
    total = sum(corpus.inputs for corpus in corpora)
    write("\n".join(["", *(campaign.line(corpus) for corpus in corpora)]))
    write(f"{total:,} inputs, {len(running.failures)} failures")
    return running.failures


if __name__ == "__main__":
    sys.exit(main())
