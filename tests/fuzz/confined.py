"""Runs documents in a child process that is killed at its limits, even where a C function never returns to Python."""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.fuzz import failure
from tests.fuzz.failure import HANG, MEMORY, Failure
from tests.fuzz.parser import Document, Parser
from tests.fuzz.world import Runner

HANG_SECONDS = 20
"""For one document. What is read in milliseconds ends within this on the slowest machine: it is a search for hangs, no benchmark."""
GROWTH = 400_000_000
"""Bytes that a process may need in addition to what it had; a document has at most mutation.MAX_BYTES."""
HARD = 4_000_000_000
"""Bytes of address space in addition to what it had: an allocation beyond them fails at once, and takes the machine with it never."""


def memory_limit() -> int:
    """Bytes of memory that a child of this process may reach."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() + GROWTH


def limit_address_space() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + HARD
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def outcome(parser: Parser, document: Document) -> Failure | None:
    """What is wrong with this document; None where every promise holds."""

    def run(runner: Runner) -> Failure | None:
        signal.alarm(HANG_SECONDS)
        try:
            runner.run(document)
        except Exception as error:
            return failure.of(error)
        return None

    return in_child(parser, run)


def in_child(parser: Parser, work: Callable[[Runner], Failure | None]) -> Failure | None:
    """What `work` returned, or how the child was killed."""
    limit, (reads, writes) = memory_limit(), os.pipe()
    child = os.fork()
    if child == 0:
        _work(parser, work, writes)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        answer = pipe.read()
    _, status, usage = os.wait4(child, 0)
    if os.WIFSIGNALED(status):
        return HANG if os.WTERMSIG(status) == signal.SIGALRM else Failure("killed", f"by signal {os.WTERMSIG(status)}")
    if usage.ru_maxrss * 1024 > limit:
        return MEMORY
    fault = json.loads(answer)
    return Failure(*fault) if fault else None


def _work(parser: Parser, work: Callable[[Runner], Failure | None], writes: int) -> None:
    """Never returns: the parent's connections and threads are none of the child's."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    silence()
    try:
        limit_address_space()
        fault = work(Runner(parser))
    except BaseException as error:
        fault = failure.of(error)
    with os.fdopen(writes, "w") as pipe:
        json.dump([fault.signature, fault.description] if fault else None, pipe)
    os._exit(0)


def silence(log: Path = Path(os.devnull)) -> None:
    """What this process prints goes to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
