"""A whole run: slices of all parsers in turn, as many at once as there are processors, until the time is up."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz import confined, regressions, search, shrinking
from tests.fuzz.failure import HANG, MEMORY
from tests.fuzz.parser import Document, Parser
from tests.fuzz.search import Corpus

SLICE = 45.0
"""Seconds at most; then another parser has its turn, and a process that has grown ends."""


@dataclass
class Campaign:
    """`failures` are the files of new regressions."""

    corpora: list[Corpus]
    seconds: float
    seed: int
    failures: list[Path] = field(default_factory=list)

    def run(self) -> None:
        """Slices are short enough that every parser has at least one."""
        jobs = min(len(self.corpora), os.cpu_count() or 1)
        slice_seconds = min(SLICE, max(1.0, self.seconds * jobs / len(self.corpora)))
        until, number = time.monotonic() + self.seconds, 0
        while number == 0 or time.monotonic() < until:
            for group in _groups([corpus for corpus in self.corpora if not corpus.over], jobs):
                if number >= len(self.corpora) and time.monotonic() >= until:
                    return
                self._slices(group, slice_seconds, number)
                number += len(group)
            if all(corpus.over for corpus in self.corpora):
                return

    def _slices(self, group: Sequence[Corpus], seconds: float, number: int) -> None:
        children = [search.begin(corpus, seconds, self.seed + number + place) for place, corpus in enumerate(group)]
        with _ended(children):
            for child in children:
                os.waitpid(child, 0)
        for corpus in group:
            for document in search.end(corpus):
                self._examine(corpus, document)
            write(line(corpus))

    def _examine(self, corpus: Corpus, document: Document) -> None:
        fault = confined.outcome(corpus.parser, document)
        if fault is None:
            write(f"{corpus.parser.name}: an input failed once, and not again: {str(document)[:200]}")
            return
        if fault.signature in corpus.known:
            return
        corpus.known.add(fault.signature)
        corpus.over = fault in (HANG, MEMORY)
        small = shrinking.shrink(corpus.parser, document, fault)
        path = regressions.save(corpus.parser.name, small, fault)
        self.failures.append(path)
        write(f"FAILED {corpus.parser.name}: {fault.signature}\n{fault.description}\n  saved as {path}")


def replay(parsers: Mapping[str, Parser]) -> list[Path]:
    """The regressions that fail."""
    failing = []
    for name, parser in parsers.items():
        for path, document in regressions.of(name):
            if fault := confined.outcome(parser, document):
                failing.append(path)
                write(f"FAILED {name}: {fault.signature}\n{fault.description}\n  by {path}")
    return failing


def line(corpus: Corpus) -> str:
    """What the search of this parser did so far."""
    new = corpus.coverage - corpus.first_coverage
    return (
        f"{corpus.parser.name:<14} {corpus.inputs:>10,} inputs  {corpus.coverage:>6,} places in the code ({new:+,})  "
        f"{corpus.kept:>6,} kept  {len(corpus.known)} failures"
    )


def write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _groups(corpora: Sequence[Corpus], size: int) -> Iterator[Sequence[Corpus]]:
    for start in range(0, len(corpora), size):
        yield corpora[start : start + size]


@contextmanager
def _ended(children: Sequence[int]) -> Iterator[None]:
    """Whatever happens, no child outlives this."""
    try:
        yield
    except BaseException:
        for child in children:
            os.kill(child, signal.SIGKILL)
        raise
