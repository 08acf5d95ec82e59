"""Put so many finished runs into the database that DATABASE_URL names: `python -m bench.ended.fill N`."""

import sys

from bench.ended import run, setup


def main() -> int:
    run.fill(setup.prepare(), int(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
