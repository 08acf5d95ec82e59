"""How a worker of the comparison and the process that started it talk, over standard input and output.

The starter writes the line `RUNS STEPS`; the worker prepares and writes `ready`; after `go` it performs and writes the
seconds that took.
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
    """Serve one job, measured from `go` to its last step.

    `prepare` also executes one run to warm up. `check` verifies afterwards that everything was done, or raises.
    """
    job = Job(*(int(word) for word in sys.stdin.readline().split()))
    prepared = prepare(job)
    print("ready", flush=True)  # noqa: T201 - the protocol
    if sys.stdin.readline().strip() != "go":
        raise RuntimeError("expected the line go")
    began = clock()
    perform(prepared)
    seconds = clock() - began
    check(job)
    print(f"took {seconds}", flush=True)  # noqa: T201 - the protocol
