"""Through Celery, as in production: how soon a ready step runs, and how many empty tasks a second plain Celery runs.

One worker with four processes serves everything; steps become ready at a rate that it can keep up with.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 4
TASKS = 2000
GOAL_MS = 50
RATE = 10.0
"""Runs started each second; a run has six steps."""


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    os.environ.update(ONRAMP_DEMO="1", SECRET_KEY="only for measuring: 0123456789012345678901234567")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django  # noqa: PLC0415 - the environment comes first
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)
    from bench.durable import celery_app  # noqa: PLC0415

    celery_app.register()
    with _worker():
        plain = _plain_tasks()
        median, high, longest = _latencies(count)
    met = "met" if high < GOAL_MS else "MISSED"
    sys.stdout.write(
        f"Through Celery, {PROCESSES} processes\n"
        f"  empty tasks                 {plain:6.0f} a second\n"
        f"  from ready to running       {median:6.1f} ms median, {high:.1f} ms p95 (goal < {GOAL_MS} ms: {met}), {longest:.0f} ms at most, "
        f"at {RATE:g} runs a second\n"
        f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n"
    )
    return 0


@contextmanager
def _worker() -> Iterator[None]:
    """Sweeps as every worker does; mingling and gossip are off."""
    from bench.durable.celery_app import PLAIN_QUEUE, QUEUES  # noqa: PLC0415

    command = [sys.executable, "-m", "celery", "-A", "bench.durable.celery_app", "worker", "--concurrency", str(PROCESSES),
               "--queues", ",".join((*QUEUES, PLAIN_QUEUE)), "--loglevel", "ERROR", "--without-mingle", "--without-gossip"]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def _plain_tasks() -> float:
    """Tasks a second, from sending the first until the last is taken: they are too short for more to be in progress."""
    from bench.durable.celery_app import PLAIN_QUEUE, nothing  # noqa: PLC0415

    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    for _ in range(20):
        nothing.delay()
    while client.llen(PLAIN_QUEUE):  # until the worker is up
        time.sleep(0.05)
    began = time.perf_counter()
    for _ in range(TASKS):
        nothing.delay()
    while client.llen(PLAIN_QUEUE):
        time.sleep(0.005)
    return TASKS / (time.perf_counter() - began)


def _latencies(count: int) -> tuple[float, float, float]:
    """(median, p95, maximum) milliseconds from the moment a step was ready to its claim, by the database's clock."""
    from django.db import connection  # noqa: PLC0415

    from bench.durable.celery_app import KIND  # noqa: PLC0415
    from engine.models import Run  # noqa: PLC0415

    _run_to_the_end(int(RATE))
    Run.objects.filter(kind=KIND).delete()  # every process is warm now
    _run_to_the_end(count)
    with connection.cursor() as cursor:
        # A step becomes ready with the end of the one before it, or with the start of its run.
        cursor.execute(
            """
            SELECT percentile_cont(array[0.5, 0.95, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM began_at - ready_at) * 1000)
            FROM (
                SELECT s.began_at, coalesce(lag(s.ended_at) OVER (PARTITION BY r.id ORDER BY s.position), r.created_at) AS ready_at
                FROM engine_step s JOIN engine_run r ON r.id = s.run_id WHERE r.kind = %s
            ) AS steps
            """,
            [KIND],
        )
        ((percentiles,),) = cursor.fetchall()
    median, high, longest = (float(value) for value in percentiles)
    return median, high, longest


def _run_to_the_end(count: int) -> None:
    """Start `count` runs at RATE and wait until all are done."""
    from django.db import transaction  # noqa: PLC0415

    from bench.durable.celery_app import KIND  # noqa: PLC0415
    from engine import runs  # noqa: PLC0415
    from engine.models import Run, RunState  # noqa: PLC0415

    for _ in range(count):
        with transaction.atomic():
            runs.start(KIND)
        time.sleep(1 / RATE)
    while Run.objects.filter(kind=KIND).exclude(state=RunState.DONE).exists():
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
