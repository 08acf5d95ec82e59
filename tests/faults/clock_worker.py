"""A worker as a program of its own, for a process whose clock is another one. Its first line is what time it believes it to be."""

import sys
import time

import django

django.setup()

from tests.faults import carried, workers  # noqa: E402 - the apps are loaded only now

if __name__ == "__main__":
    carried.register()
    sys.stdout.write(f"{time.time()}\n")
    sys.stdout.flush()
    workers.work_for_ever()
