"""The database's record of every change of a step's holder, written by a trigger."""

from django.db import connection

_INSTALL = """
CREATE TABLE lease_audit (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), step bigint,
    state_before text, state_after text, epoch_before bigint, epoch_after bigint, lease_before timestamptz
);
CREATE FUNCTION audit_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO lease_audit (step, state_before, state_after, epoch_before, epoch_after, lease_before)
    VALUES (NEW.id, OLD.state, NEW.state, OLD.epoch, NEW.epoch, OLD.lease_until);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_lease AFTER UPDATE ON engine_step FOR EACH ROW
WHEN (OLD.state <> NEW.state OR OLD.epoch <> NEW.epoch) EXECUTE FUNCTION audit_lease();
"""
_VIOLATIONS = {
    "claimed although its holder's lease had not expired": (
        "state_before = 'running' AND epoch_after > epoch_before AND lease_before > at"
    ),
    "claimed without a new epoch": "state_after = 'running' AND epoch_after <> epoch_before + 1",
    "written by a worker that did not hold it": (
        "state_before = 'running' AND state_after <> 'running' AND epoch_after <> epoch_before"
    ),
}
"""What happened to the step → the condition for it."""


def install() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INSTALL)


def violations() -> list[str]:
    """A sentence for every change after which a step had two holders."""
    sentences = []
    with connection.cursor() as cursor:
        for description, condition in _VIOLATIONS.items():
            cursor.execute(f"SELECT step, epoch_before, at FROM lease_audit WHERE {condition}")
            sentences += [
                f"step {step} (epoch {epoch}) was {description}, at {at}" for step, epoch, at in cursor.fetchall()
            ]
    return sentences


def crashes() -> int:
    """How often a step was claimed because its holder was dead or too late."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM lease_audit WHERE state_before = 'running' AND state_after = 'running'")
        return int(cursor.fetchone()[0])
