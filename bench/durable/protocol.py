"""What a worker of the comparison and its starter say to each other, over standard input and output.

The starter writes a line `RUNS STEPS`; the worker prepares and answers `ready`; at `go` it performs and answers the seconds.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Prepared = TypeVar("Prepared")


@dataclass(frozen=True)
class Job:
    runs: int
    steps: int


def serve(
    prepare: Callable[[Job], Prepared],
    perform: Callable[[Prepared], None],
    check: Callable[[Job], None],
    clock: Callable[[], float],
) -> None:
    """One job, after one of its runs to get warm, measured from `go` to its last step; `check` says afterwards whether all of it was really done."""
    job = Job(*(int(word) for word in sys.stdin.readline().split()))
    prepared = prepare(job)
    print("ready", flush=True)  # noqa: T201 - the protocol
    if sys.stdin.readline().strip() != "go":
        raise RuntimeError("not told to go")
    began = clock()
    perform(prepared)
    took = clock() - began
    check(job)
    print(f"took {took}", flush=True)  # noqa: T201 - the protocol
