"""DBOS Transact: a workflow of several steps, each recorded; one workflow at a time. https://docs.dbos.dev/python"""

import logging
import sys
import time

from bench.durable.protocol import Job, serve
from dbos import DBOS, DBOSConfig

config: DBOSConfig = {
    "name": "bench",
    "system_database_url": sys.argv[1],
    "run_admin_server": False,
    "log_level": "ERROR",
}
DBOS(config=config)
logging.disable(logging.WARNING)


@DBOS.step()  # type: ignore[untyped-decorator]
def nothing(number: int) -> int:
    return number


@DBOS.workflow()  # type: ignore[untyped-decorator]
def several(steps: int) -> int:
    for number in range(steps):
        nothing(number)
    return steps


DBOS.launch()


def prepare(job: Job) -> Job:
    several(job.steps)
    return job


def perform(job: Job) -> None:
    for _ in range(job.runs):
        several(job.steps)


def check(job: Job) -> None:
    done = len(DBOS.list_workflows(status="SUCCESS"))
    if done < job.runs:
        raise RuntimeError(f"only {done} of {job.runs} workflows are done")


serve(prepare, perform, check, clock=time.perf_counter)
