"""Runs each test again for every mutant of the functions that it calls, in the same process.

A mutant replaces the code of the functions that exist already, so neither the program nor the sandbox starts again. A test
that fails then has noticed the mutant. It must pass again without mutants afterwards, or what it noticed does not count.
"""

import gc
import json
import os
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import Key, Mutant, key_of, mutants_of

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 60.0
"""Seconds for a test with a mutant, at most; a loop that does not end is noticed."""


class TooLong(BaseException):
    """No `except Exception` of the product catches it."""


class _Sibling:
    """Stands for a test of the same class or module, so that only the fixtures of the test itself are torn down."""

    def __init__(self, item: pytest.Item) -> None:
        self.chain = [*item.listchain()[:-1], self]

    def listchain(self) -> list[Any]:
        return self.chain


@dataclass(frozen=True)
class Result:
    passed: bool
    seconds: float
    called: frozenset[Key]


class Mutating:
    def __init__(self, report: Path, files: list[Path], most: int) -> None:
        self.report, self.most = report, most
        earlier = {entry["mutant"] for entry in _entries(report) if entry["test"]}
        self.mutants: dict[Key, list[Mutant]] = defaultdict(list)
        for path in files:
            for mutant in mutants_of(path, os.path.relpath(path, ROOT)):
                if mutant.name not in earlier:
                    self._note(mutant, "")
                    for key in mutant.codes:
                        self.mutants[key].append(mutant)
        self.tries: Counter[str] = Counter()
        self.functions: dict[Key, list[FunctionType]] = defaultdict(list)

    def _note(self, mutant: Mutant, test: str) -> None:
        with self.report.open("a") as file:
            file.write(json.dumps({"mutant": mutant.name, "test": test}) + "\n")

    def pytest_collection_finish(self) -> None:
        self._find_functions()

    def _find_functions(self) -> None:
        self.functions.clear()
        gc.unfreeze()  # what a web process loads is exempt otherwise
        for function in gc.get_objects():  # isinstance() would evaluate lazy objects
            if type(function) is FunctionType and key_of(function.__code__) in self.mutants:
                self.functions[key_of(function.__code__)].append(function)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        first = self._run(item, LONGEST, watch=True)
        if first.passed:
            self._try_mutants(item, first)
        item.session._setupstate.teardown_exact(nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _try_mutants(self, item: pytest.Item, first: Result) -> None:
        if not first.called <= self.functions.keys():  # the test has imported them
            self._find_functions()
        chosen = {mutant.name: mutant for key in first.called for mutant in self.mutants.get(key, [])}
        noticed = []
        for mutant in chosen.values():
            if not mutant.is_of(item.path):
                if self.tries[mutant.name] >= self.most:
                    continue
                self.tries[mutant.name] += 1
            with self._applied(mutant):
                if not self._run(item, min(LONGEST, 5 * first.seconds + 10)).passed:
                    noticed.append(mutant)
        if noticed and not self._run(item, LONGEST).passed:
            sys.stderr.write(f"{item.nodeid} fails after its mutants, so they do not count\n")
            return
        for mutant in noticed:
            self._note(mutant, item.nodeid)
            for key in mutant.codes:
                self.mutants[key].remove(mutant)

    def _run(self, item: pytest.Item, limit: float, *, watch: bool = False) -> Result:
        called: set[Key] = set()
        began = time.monotonic()
        with _time_limit(limit), self._watching(called, watch):
            reports = runtestprotocol(item, log=watch, nextitem=_Sibling(item))  # type: ignore[arg-type]
        return Result(all(not report.failed for report in reports), time.monotonic() - began, frozenset(called))

    @contextmanager
    def _watching(self, called: set[Key], watch: bool) -> Iterator[None]:
        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and (key := key_of(frame.f_code)) in self.mutants:
                called.add(key)

        if watch:
            threading.setprofile(note)
            sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    @contextmanager
    def _applied(self, mutant: Mutant) -> Iterator[None]:
        replaced: list[tuple[FunctionType, CodeType]] = []
        try:
            for key, code in mutant.codes.items():
                for function in self.functions[key]:
                    replaced.append((function, function.__code__))
                    function.__code__ = code
            yield
        finally:
            for function, code in replaced:
                function.__code__ = code


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _entries(report: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []


def pytest_configure(config: pytest.Config) -> None:
    options = json.loads(os.environ["MUTATION"])
    files = [ROOT / file for file in options["files"]]
    config.pluginmanager.register(Mutating(Path(options["report"]), files, options["most"]), "mutating")
