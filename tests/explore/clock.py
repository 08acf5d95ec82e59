"""Time passes only when a schedule lets it, for the database and for the engine's monotonic clock alike.

The database's functions are shadowed by a schema that is searched before `pg_catalog`, so the engine's statements read
this clock as they are. Real time counts a hundredth: statements keep different times, and slowness changes no decision.
"""

import time as real

from django.db import connection

from engine import effects, execution

SLOWER = 100
_INSTALL = """
CREATE SCHEMA virtual;
CREATE UNLOGGED TABLE virtual.passed (seconds double precision NOT NULL);
INSERT INTO virtual.passed VALUES (0);
CREATE FUNCTION virtual.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT '{began}'::timestamptz + (pg_catalog.statement_timestamp() - '{began}'::timestamptz) / {slower}
        + make_interval(secs => (SELECT seconds FROM virtual.passed))
$$;
"""


class Clock:
    """Takes the place of the module `time` in `engine.effects` and `engine.execution`, which ask for nothing but `monotonic`."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return real.monotonic() / SLOWER + self.passed

    def advance(self, seconds: float) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE virtual.passed SET seconds = seconds + %s", [seconds])
        self.passed += seconds

    def install(self) -> None:
        """In a database of our own; connections that are opened from now on see it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_catalog.statement_timestamp()")
            ((began,),) = cursor.fetchall()
            cursor.execute(_INSTALL.format(began=began.isoformat(), slower=SLOWER))
            cursor.execute(
                f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET search_path = virtual, pg_catalog, public'
            )
        connection.close()
        for module in (effects, execution):
            module.time = self  # type: ignore[attr-defined]
