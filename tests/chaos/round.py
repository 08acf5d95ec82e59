"""One round as a process: `python -m tests.chaos.round SEED RUNS FAULTS`. Its last line is the result as JSON."""

import json
import signal
import sys

import django

from tests.chaos import sequence
from tests.chaos.surroundings import surrounded


def main(seed: int, runs: int, length: int) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    faults = sequence.generate(seed, length)
    with surrounded() as surroundings:
        django.setup()
        from tests.chaos import experiment  # noqa: PLC0415 - the settings are read from the environment set above

        result = experiment.run(seed, runs, faults, surroundings)
        sys.stdout.write(json.dumps(result.as_json()) + "\n")
        surroundings.keep = bool(result.violations)
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:4])))
