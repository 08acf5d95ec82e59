"""Put so many finished runs into the database that DATABASE_URL names: `python -m bench.ended.fill N`."""

import sys

from bench.ended import setup


def main() -> int:
    source = setup.prepare()
    from django.db import connection  # noqa: PLC0415 - Django is set up now

    from tests import history  # noqa: PLC0415

    history.add(source, int(sys.argv[1]))
    with connection.cursor() as cursor:  # as autovacuum does within minutes, and not while something is measured
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    return 0


if __name__ == "__main__":
    sys.exit(main())
