"""Carried by Celery, as in earnest: how soon a step that is ready runs, and what plain Celery does with jobs that do nothing.

One worker of four processes serves all; steps become ready at a rate that it can keep up with.
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
JOBS = 2000
GOAL_MS = 50
RATE = 10.0
"""Runs begun each second; a run has six steps."""


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    os.environ.update(ONRAMP_DEMO="1", SECRET_KEY="only for measuring: 0123456789012345678901234567")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django  # noqa: PLC0415 - the environment comes first
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)
    from bench.durable import carrier  # noqa: PLC0415

    carrier.register()
    with _worker():
        plain = _plain_jobs()
        waits = _waits(runs)
    median, high, longest = waits
    met = "met" if high < GOAL_MS else "MISSED"
    sys.stdout.write(
        f"Carried by Celery, {PROCESSES} processes\n"
        f"  plain jobs that do nothing  {plain:6.0f} a second\n"
        f"  from ready to running       {median:6.1f} ms median, {high:.1f} ms p95 (goal < {GOAL_MS} ms: {met}), {longest:.0f} ms at most, "
        f"at {RATE:g} runs a second\n"
        f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n"
    )
    return 0


@contextmanager
def _worker() -> Iterator[None]:
    """Beats and sweeps as every worker does; everything beside it is left out."""
    from bench.durable.carrier import LANES, PLAIN  # noqa: PLC0415

    words = [sys.executable, "-m", "celery", "-A", "bench.durable.carrier", "worker", "--concurrency", str(PROCESSES),
             "--queues", ",".join((*LANES, PLAIN)), "--loglevel", "ERROR", "--without-mingle", "--without-gossip"]  # fmt: skip
    own = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(words, cwd=ROOT, env=own, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def _plain_jobs() -> float:
    """Jobs a second, from the first that is sent to the last that is taken. They are too short for more to be under way."""
    from bench.durable.carrier import PLAIN, nothing  # noqa: PLC0415

    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    for _ in range(20):
        nothing.delay()
    while client.llen(PLAIN):  # the worker has come up
        time.sleep(0.05)
    began = time.perf_counter()
    for _ in range(JOBS):
        nothing.delay()
    while client.llen(PLAIN):
        time.sleep(0.005)
    return JOBS / (time.perf_counter() - began)


def _waits(runs: int) -> tuple[float, float, float]:
    """(median, p95, most) milliseconds from the moment a step was due to its claim, by the database's clock."""
    from django.db import connection, transaction  # noqa: PLC0415

    from bench.durable.carrier import KIND  # noqa: PLC0415
    from onboarding.engine import progress  # noqa: PLC0415
    from onboarding.models import Run, RunState  # noqa: PLC0415

    def start(count: int) -> None:
        for _ in range(count):
            with transaction.atomic():
                progress.start(KIND)
            time.sleep(1 / RATE)
        while Run.objects.filter(kind=KIND).exclude(state=RunState.DONE).exists():
            time.sleep(0.1)

    start(int(RATE))
    Run.objects.filter(kind=KIND).delete()  # every process is warm now
    start(runs)
    with connection.cursor() as cursor:
        # A step became ready with the end of the one before it, or with its run.
        cursor.execute(
            """
            SELECT percentile_cont(array[0.5, 0.95, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM began_at - ready_at) * 1000)
            FROM (
                SELECT s.began_at, coalesce(lag(s.ended_at) OVER (PARTITION BY r.id ORDER BY s.position), r.created_at) AS ready_at
                FROM onboarding_step s JOIN onboarding_run r ON r.id = s.run_id WHERE r.kind = %s
            ) AS steps
            """,
            [KIND],
        )
        ((found,),) = cursor.fetchall()
    median, high, longest = (float(one) for one in found)
    return median, high, longest


if __name__ == "__main__":
    sys.exit(main())
