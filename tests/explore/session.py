"""One call of the program: which schedules it explores, and what it prints."""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.explore import report, shrinking
from tests.explore.decisions import Script, Setup
from tests.explore.explorer import Explorer
from tests.explore.schedule import Explored

REPORT_EVERY = 20.0
"""Seconds between two lines of progress."""


def run(options: argparse.Namespace, explorer: Explorer) -> int:
    """The exit status: 1 where an invariant was broken."""
    if options.replay is not None:
        return max([_show(explorer.replay(Script.parse(path.read_text().splitlines()))) for path in options.replay])
    setup = Setup.parse(options.setup) if options.setup else None
    if options.schedule is not None:
        return _show(explorer.explore(options.seed, options.schedule, setup))
    return _Search(options, explorer, setup).run()


def _show(explored: Explored) -> int:
    write(report.table(explored))
    return 1 if explored.violations else 0


@dataclass
class _Search:
    options: argparse.Namespace
    explorer: Explorer
    setup: Setup | None
    finds: Counter[str] = field(default_factory=Counter)
    """Kind of violation → in how many schedules."""

    def run(self) -> int:
        began = reported = time.monotonic()
        number = 0
        while number < self.options.schedules or time.monotonic() < began + self._seconds():
            explored = self.explorer.explore(self.options.seed, number, self.setup)
            if explored.violations and self._found(number, explored):
                break
            number += 1
            if time.monotonic() > reported + REPORT_EVERY:
                reported = time.monotonic()
                write(str(self.explorer.coverage))
        write(f"seed {self.options.seed}: {self.explorer.coverage}")
        for kind, count in self.finds.most_common():
            write(f"{count:>5} × {kind}")
        return 1 if self.finds else 0

    def _seconds(self) -> float:
        return 0.0 if self.options.schedules else float(self.options.minutes) * 60

    def _found(self, number: int, explored: Explored) -> bool:
        """Whether the search ends here. Each kind of violation is shown once, and the one that ends the search in any case."""
        kind = shrinking.kind(explored.violations[0])
        self.finds[kind] += 1
        is_wanted = any(self.options.until in violation for violation in explored.violations)
        is_last = is_wanted and not self.options.keep_going
        if self.finds[kind] == 1 or is_last:
            self._explain(number, explored)
        return is_last

    def _explain(self, number: int, explored: Explored) -> None:
        setup = f" --setup '{self.setup}'" if self.setup else ""
        write(f"schedule {number} of seed {self.options.seed} breaks an invariant after {self.explorer.coverage}")
        write("\n".join(f"violated: {violation}" for violation in explored.violations))
        write(f"repeat it: bin/test explore --seed {self.options.seed} --schedule {number}{setup}")
        if self.options.no_shrink:
            return
        shorter = shrinking.shrunk(explored, self.explorer.replay)
        write(f"shortened from {len(explored.script.decisions)} to {len(shorter.script.decisions)} decisions:")
        write(report.table(shorter))
        write(f"as a file for --replay:\n\n{shorter.script}")


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
