"""A worker as a program, for a process with a wrong clock. The first line it prints is the time by that clock."""

import sys
import time

import django

django.setup()

from tests.faults import celery_steps, workers  # noqa: E402 - the apps are loaded only now

if __name__ == "__main__":
    celery_steps.register()
    sys.stdout.write(f"{time.time()}\n")
    sys.stdout.flush()
    workers.work_forever()
