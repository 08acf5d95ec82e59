"""Score a corpus of repositories, and time the reading of large ones."""

import argparse
import json
import sys
import time
from pathlib import Path

from bench.reading import report, speed
from bench.reading.corpus import NotACorpus, rows
from bench.reading.score import judge


def main() -> int:
    options = _options()
    if options.speed:
        _say(*speed.lines())
    if options.corpus is None:
        return 0
    try:
        began = time.perf_counter()
        verdicts = [judge(row) for row in rows(options.corpus)]
        seconds = time.perf_counter() - began
    except (NotACorpus, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.json:
        _say(*(json.dumps(report.as_json(verdict)) for verdict in verdicts))
        return 0
    if options.misses:
        _say(*report.misses(verdicts))
    _say("", *report.figures(verdicts, seconds))
    return 0


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/stacks", description=__doc__)
    parser.add_argument(
        "corpus",
        nargs="?",
        type=Path,
        help="a file with one JSON object per line: files, manifests and expected (family; optionally start_command, tags, components)",
    )
    parser.add_argument("--json", action="store_true", help="print the reading of each row, one JSON object per line")
    parser.add_argument("--no-misses", dest="misses", action="store_false", help="print only the figures")
    parser.add_argument(
        "--speed",
        action="store_true",
        help="time a repository of 2,000 files and a listing of 100,000, relative to a plain loop over the paths, here and in a child",
    )
    options = parser.parse_args()
    if options.corpus is None and not options.speed:
        parser.error("name a corpus, or use --speed")
    return options


if __name__ == "__main__":
    sys.exit(main())
