"""The statements that decide, written out: each is one round trip and right by itself at READ COMMITTED.

All times are the database's. Whoever changes the state of a run's steps holds the row of the run, and takes it first;
a holder renews its lease and notes its effects without it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

NOW = "statement_timestamp()"

OVERDUE = f"""(
    (s.state IN ('ready', 'waiting') AND s.due_at <= {NOW} - make_interval(secs => %(grace)s))
    OR (s.state = 'running' AND s.lease_until < {NOW})
)"""
"""A step that somebody should take: it is due, or whoever held it is gone."""

_LOOKING = "(s.state = 'waiting' AND s.failures = 0)"
"""Looking again at what it waits for is no new attempt."""

CLAIM = f"""
WITH locked AS (
    SELECT id, kind, topic FROM onboarding_run
    WHERE id = (SELECT run_id FROM onboarding_step WHERE id = %(step)s) AND state = 'active'
    FOR NO KEY UPDATE
), claimed AS (
    UPDATE onboarding_step s SET
        state = 'running',
        epoch = s.epoch + 1,
        losses = CASE WHEN s.state = 'running' THEN s.losses + 1 ELSE 0 END,
        attempt = s.attempt + CASE WHEN {_LOOKING} THEN 0 ELSE 1 END,
        since = CASE WHEN {_LOOKING} THEN s.since ELSE {NOW} END,
        began_at = coalesce(s.began_at, {NOW}),
        lease_until = {NOW} + make_interval(secs => %(lease)s),
        woken = false
    FROM locked
    WHERE s.id = %(step)s AND s.run_id = locked.id AND {OVERDUE}
    RETURNING s.*, locked.kind AS run_kind, locked.topic AS run_topic
), numbered AS (
    INSERT INTO onboarding_attempt (step_id, number, outcome, says, log)
    SELECT id, attempt, '', '', '' FROM claimed
    ON CONFLICT (step_id, number) DO NOTHING
    RETURNING step_id
), shown AS (
    UPDATE onboarding_run r SET version = r.version + 1
    FROM claimed JOIN numbered ON numbered.step_id = claimed.id
    WHERE r.id = claimed.run_id
)
SELECT claimed.*, numbered.step_id IS NULL AS looking
FROM claimed LEFT JOIN numbered ON numbered.step_id = claimed.id
"""

SETTLE = f"""
WITH locked AS (
    SELECT id FROM onboarding_run WHERE id = %(run)s FOR NO KEY UPDATE
), settled AS (
    UPDATE onboarding_step s SET
        state = %(state)s,
        move = %(move)s,
        reason = %(says)s,
        detail = %(detail)s,
        links = %(links)s,
        result = coalesce(%(result)s, s.result),
        blocker_id = %(blocker)s,
        due_at = CASE
            WHEN %(wakes)s AND s.woken THEN {NOW}
            ELSE {NOW} + make_interval(secs => %(pause)s)
        END,
        since = CASE WHEN %(told)s THEN {NOW} ELSE s.since END,
        ended_at = CASE WHEN %(ends)s THEN {NOW} END,
        failures = %(failures)s,
        failing_since = CASE WHEN %(failures)s > 0 THEN coalesce(s.failing_since, {NOW}) END,
        losses = 0,
        lease_until = NULL
    FROM locked
    WHERE s.id = %(step)s AND s.epoch = %(epoch)s AND s.state = 'running'
    RETURNING s.id, s.run_id
), closed AS (
    UPDATE onboarding_attempt a SET
        log = a.log || %(log)s,
        says = CASE WHEN %(outcome)s <> '' THEN %(attempt_says)s ELSE a.says END,
        outcome = %(outcome)s,
        ended_at = CASE WHEN %(outcome)s <> '' THEN {NOW} END
    FROM settled
    WHERE a.step_id = settled.id AND a.number = %(attempt)s
), shown AS (
    UPDATE onboarding_run r SET version = r.version + 1
    FROM settled
    WHERE r.id = settled.run_id AND %(told)s
)
SELECT id FROM settled
"""

ADVANCE = f"""
WITH seen AS (
    SELECT coalesce(array_agg(name) FILTER (WHERE state = 'done'), '{{}}') AS done,
           bool_and(state = 'done') AS finished,
           bool_or(state = 'refused') AS refused
    FROM onboarding_step WHERE run_id = %(run)s
), ready AS (
    UPDATE onboarding_step s SET state = 'ready', move = 'machine', due_at = {NOW}, since = {NOW}
    FROM seen
    WHERE s.run_id = %(run)s AND s.state = 'not_started' AND s.needs <@ seen.done AND NOT seen.refused
    RETURNING s.queue, s.id
)
SELECT seen.finished, seen.refused, ready.queue, ready.id FROM seen LEFT JOIN ready ON true
"""

TRY_EFFECT = f"""
WITH held AS (
    UPDATE onboarding_step SET lease_until = {NOW} + make_interval(secs => %(lease)s)
    WHERE id = %(step)s AND epoch = %(epoch)s AND state = 'running'
    RETURNING id
)
INSERT INTO onboarding_effect AS e (step_id, kind, name, state, tries, tried_at, reference, url)
SELECT id, %(kind)s, %(name)s, 'intended', 1, {NOW}, '{{}}', '' FROM held
ON CONFLICT (step_id, kind, name) DO UPDATE SET state = 'intended', tries = e.tries + 1, tried_at = {NOW}
RETURNING id
"""

MADE_EFFECT = f"""
WITH made AS (
    INSERT INTO onboarding_effect (step_id, kind, name, state, tries, made_at, reference, url)
    VALUES (%(step)s, %(kind)s, %(name)s, 'made', 0, {NOW}, %(reference)s, %(url)s)
    ON CONFLICT (step_id, kind, name) DO UPDATE
    SET state = 'made', made_at = {NOW}, reference = excluded.reference, url = excluded.url
)
UPDATE onboarding_run SET version = version + 1 WHERE id = %(run)s
"""

WAKE = f"""
UPDATE onboarding_step s SET
    woken = true,
    due_at = CASE WHEN s.state = 'waiting' THEN {NOW} ELSE s.due_at END
FROM onboarding_run r
WHERE r.id = s.run_id AND r.state = 'active' AND s.state IN ('waiting', 'running') AND {{which}}
RETURNING s.queue, s.id
"""

SWEEP = f"""
SELECT s.queue, s.id FROM onboarding_step s JOIN onboarding_run r ON r.id = s.run_id
WHERE r.state = 'active' AND {OVERDUE}
ORDER BY s.due_at LIMIT %(limit)s
"""


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: Iterable[tuple[Any, ...]] = cursor.fetchall()
        return list(found)


def execute(statement: str, values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
