"""Absurd: a task of several steps, each a checkpoint; one queue per worker. https://github.com/earendil-works/absurd"""

import sys
import time

from absurd_sdk import Absurd, TaskContext
from bench.durable.protocol import Job, serve

QUEUE = f"bench_{sys.argv[2]}"
app = Absurd(sys.argv[1], queue_name=QUEUE)


@app.register_task(name="several")  # type: ignore[untyped-decorator]
def several(params: dict[str, int], context: TaskContext) -> int:
    for number in range(params["steps"]):
        context.step(f"step-{number}", lambda: 0)
    return params["steps"]


spawned: list[str] = []


def prepare(job: Job) -> Job:
    app.create_queue(QUEUE)
    app.spawn("several", {"steps": job.steps})
    app.work_batch(worker_id=QUEUE, batch_size=1)
    spawned[:] = [str(app.spawn("several", {"steps": job.steps})["task_id"]) for _ in range(job.runs)]
    return job


def perform(job: Job) -> None:
    for _ in range(job.runs):
        app.work_batch(worker_id=QUEUE, batch_size=1)


def check(_job: Job) -> None:
    for task in spawned:
        result = app.fetch_task_result(task)
        if result is None or result.state != "completed":
            raise RuntimeError(f"task {task} is {result.state if result else 'missing'}")


serve(prepare, perform, check, clock=time.perf_counter)
