"""The database's own record of who held each step when: a trigger writes down every change of hands, and survives with it."""

from django.db import connection

_MADE = """
CREATE TABLE witness (
    n bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), step bigint,
    was text, now text, epoch_was bigint, epoch_now bigint, lease_was timestamptz
);
CREATE FUNCTION bear_witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO witness (step, was, now, epoch_was, epoch_now, lease_was)
    VALUES (NEW.id, OLD.state, NEW.state, OLD.epoch, NEW.epoch, OLD.lease_until);
    RETURN NULL;
END $$;
CREATE TRIGGER witnessed AFTER UPDATE ON onboarding_step FOR EACH ROW
WHEN (OLD.state <> NEW.state OR OLD.epoch <> NEW.epoch) EXECUTE FUNCTION bear_witness();
"""
_WRONG = {
    "taken from a holder whose lease had not ended": "was = 'running' AND epoch_now > epoch_was AND lease_was > at",
    "taken without a token of its own": "now = 'running' AND epoch_now <> epoch_was + 1",
    "written by somebody who did not hold it": "was = 'running' AND now <> 'running' AND epoch_now <> epoch_was",
}


def begin() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MADE)


def two_holders() -> list[str]:
    """Every change of hands in which a step had two holders, in words."""
    found = []
    with connection.cursor() as cursor:
        for words, condition in _WRONG.items():
            cursor.execute(f"SELECT step, epoch_was, at FROM witness WHERE {condition}")
            found += [f"step {step} (epoch {epoch}) was {words}, at {at}" for step, epoch, at in cursor.fetchall()]
    return found


def losses() -> int:
    """How often a step was taken from somebody who never came back, or too late."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM witness WHERE was = 'running' AND now = 'running'")
        return int(cursor.fetchone()[0])
