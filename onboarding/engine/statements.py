"""The statements that decide, written out: each is one round trip and right by itself at READ COMMITTED.

All times are the database's. Whoever changes the state of a run's steps holds the row of the run, and takes it first;
a holder renews its lease and notes its effects without it.
"""

from events.log import APPENDED

NOW = "statement_timestamp()"

_LEFT = "s.state IN ('ready', 'waiting')"
_DUE = f"s.due_at <= {NOW} - make_interval(secs => %(grace)s)"
_ABANDONED = f"(s.state = 'running' AND s.lease_until < {NOW})"
OVERDUE = f"(({_LEFT} AND {_DUE}) OR {_ABANDONED})"
"""A step that somebody should take: it is due, or whoever held it is gone."""

_LOOKING = "(s.state = 'waiting' AND s.failures = 0)"
"""Looking again at what it waits for is no new attempt."""

HELD = (
    "id",
    "run_id",
    "name",
    "queue",
    "attempt",
    "failures",
    "failing_since",
    "losses",
    "epoch",
    "reason",
    "looking",
    "since",
    "began_at",
)
"""What a holder is told of its step, in the model's order; the other columns are read where somebody asks for them."""

_HELD = ", ".join(f"s.{column}" for column in HELD)

_TAKEN = f"""), claimed AS (
    UPDATE onboarding_step s SET
        state = 'running',
        epoch = s.epoch + 1,
        losses = CASE WHEN s.state = 'running' THEN s.losses + 1 ELSE 0 END,
        attempt = s.attempt + CASE WHEN {_LOOKING} THEN 0 ELSE 1 END,
        looking = {_LOOKING},
        since = CASE WHEN {_LOOKING} THEN s.since ELSE {NOW} END,
        began_at = coalesce(s.began_at, {NOW}),
        lease_until = {NOW} + make_interval(secs => %(lease)s),
        woken = false
    FROM locked
    WHERE s.id = locked.step AND s.run_id = locked.id AND {OVERDUE}
    RETURNING {_HELD}, locked.kind, locked.topic, locked.trace
), lost AS (
    INSERT INTO onboarding_attempt (step_id, number, began_at, ended_at, outcome, says, log)
    SELECT id, attempt - 1, {NOW}, {NOW}, 'lost', 'Its worker was not heard of again.', '' FROM claimed WHERE losses > 0
    ON CONFLICT (step_id, number) DO UPDATE
    SET outcome = 'lost', says = excluded.says, ended_at = excluded.ended_at
), shown AS (
    UPDATE onboarding_run r SET version = r.version + 1 FROM claimed WHERE r.id = claimed.run_id AND NOT claimed.looking
)
SELECT claimed.*, NOT EXISTS (
    SELECT FROM onboarding_step o
    WHERE o.run_id = claimed.run_id AND o.id <> claimed.id
      AND o.state IN ('ready', 'running', 'waiting', 'blocked', 'failed')
) AS alone
FROM claimed
"""
"""`looking`: it was waiting, and this is no new attempt. `alone`: no other step of its run can change before this one ends."""

CLAIM = f"""
WITH locked AS (
    SELECT id, kind, topic, trace, %(step)s::bigint AS step FROM onboarding_run
    WHERE id = (SELECT run_id FROM onboarding_step WHERE id = %(step)s) AND state = 'active'
    FOR NO KEY UPDATE
{_TAKEN}"""
"""Take this step, if it is due."""

CLAIM_FAIRLY = f"""
WITH RECURSIVE lane AS (
    SELECT queue FROM onboarding_step WHERE id = %(step)s
), shares AS (
    (
        SELECT s.share FROM onboarding_step s
        WHERE s.queue = (SELECT queue FROM lane) AND {_LEFT} ORDER BY s.share LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT s.share FROM onboarding_step s
        WHERE s.queue = (SELECT queue FROM lane) AND s.share > shares.share AND {_LEFT} ORDER BY s.share LIMIT 1
    )
    FROM shares WHERE shares.share IS NOT NULL
), served AS (
    SELECT s.share, count(*) AS steps FROM onboarding_step s
    WHERE s.state = 'running' AND s.queue = (SELECT queue FROM lane) GROUP BY s.share
), due AS (
    SELECT oldest.id, oldest.run_id, oldest.share, oldest.due_at FROM shares CROSS JOIN LATERAL (
        SELECT s.id, s.run_id, s.share, s.due_at FROM onboarding_step s
        WHERE s.queue = (SELECT queue FROM lane) AND s.share = shares.share AND {_LEFT} AND {_DUE}
        ORDER BY s.due_at LIMIT 8
    ) oldest
    UNION ALL
    SELECT s.id, s.run_id, s.share, s.due_at FROM onboarding_step s
    WHERE s.queue = (SELECT queue FROM lane) AND {_ABANDONED}
), in_order AS MATERIALIZED (
    SELECT due.id, due.run_id FROM due LEFT JOIN served ON served.share = due.share
    ORDER BY coalesce(served.steps, 0), due.due_at
), locked AS (
    SELECT free.* FROM in_order CROSS JOIN LATERAL (
        SELECT r.id, r.kind, r.topic, r.trace, s.id AS step
        FROM onboarding_run r JOIN onboarding_step s ON s.run_id = r.id
        WHERE r.id = in_order.run_id AND r.state = 'active' AND s.id = in_order.id AND {OVERDUE}
        FOR NO KEY UPDATE SKIP LOCKED
    ) free
    LIMIT 1
{_TAKEN}"""
"""Take what is due in the lane of this step, of whoever has the fewest workers there; the oldest of it. What it costs grows
with those who have something there, and not with how much: of each, an index finds the few oldest. What somebody else takes or
changes at the moment is passed over, and what they took is no longer due: locked rows are looked at anew."""

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
        since = CASE WHEN %(news)s THEN {NOW} ELSE s.since END,
        ended_at = CASE WHEN %(goes_on)s THEN {NOW} END,
        failures = %(failures)s,
        failing_since = CASE WHEN %(failures)s > 0 THEN coalesce(s.failing_since, {NOW}) END,
        losses = 0,
        lease_until = NULL
    FROM locked
    WHERE s.id = %(step)s AND s.epoch = %(epoch)s AND s.state = 'running'
    RETURNING s.id, s.run_id, s.name
), told_of AS (
    INSERT INTO onboarding_attempt AS a (step_id, number, began_at, ended_at, outcome, says, log)
    SELECT
        id, %(attempt)s, %(began)s, CASE WHEN %(outcome)s <> '' THEN {NOW} END, %(outcome)s,
        CASE WHEN %(outcome)s <> '' THEN %(attempt_says)s ELSE '' END, %(log)s
    FROM settled
    ON CONFLICT (step_id, number) DO UPDATE
    SET log = a.log || excluded.log, says = excluded.says, outcome = excluded.outcome, ended_at = excluded.ended_at
), told AS (
    {APPENDED.format(event="event", subject="subject", facts="facts")} FROM settled WHERE %(news)s
), others AS (
    SELECT o.id, o.name, o.queue, o.position, o.state, o.needs
    FROM onboarding_step o JOIN settled ON o.run_id = settled.run_id AND o.id <> settled.id
    WHERE %(state)s = 'done'
), free AS (
    SELECT id, queue, position FROM others
    WHERE state = 'not_started' AND needs <@ array(
        SELECT name FROM others WHERE state = 'done' UNION ALL SELECT name FROM settled
    )
), taken AS (
    SELECT id FROM free WHERE queue = %(take)s ORDER BY position LIMIT 1
), ready AS (
    UPDATE onboarding_step s SET
        state = CASE WHEN taken.id IS NULL THEN 'ready' ELSE 'running' END,
        epoch = s.epoch + CASE WHEN taken.id IS NULL THEN 0 ELSE 1 END,
        attempt = s.attempt + CASE WHEN taken.id IS NULL THEN 0 ELSE 1 END,
        began_at = CASE WHEN taken.id IS NOT NULL THEN {NOW} END,
        lease_until = CASE WHEN taken.id IS NOT NULL THEN {NOW} + make_interval(secs => %(lease)s) END,
        looking = false,
        move = 'machine',
        due_at = {NOW},
        since = {NOW}
    FROM free LEFT JOIN taken ON taken.id = free.id
    WHERE s.id = free.id
    RETURNING taken.id IS NOT NULL AS taken, {_HELD}
), finished AS (
    SELECT run_id FROM settled WHERE %(state)s = 'done' AND NOT EXISTS (SELECT FROM others WHERE state <> 'done')
), shown AS (
    UPDATE onboarding_run r SET
        version = r.version + 1,
        state = CASE WHEN finished.run_id IS NULL THEN r.state ELSE 'done' END,
        ended_at = CASE WHEN finished.run_id IS NULL THEN r.ended_at ELSE {NOW} END
    FROM settled LEFT JOIN finished ON true
    WHERE r.id = settled.run_id AND %(news)s
), told_end AS (
    {APPENDED.format(event="end_event", subject="subject", facts="end_facts")} FROM finished
)
SELECT EXISTS (SELECT FROM finished) AS finished, ready.* FROM settled LEFT JOIN ready ON true
"""
"""End a turn, make ready what waited for it alone, and take the first of that which lies in the lane `take`; end the run
where nothing is left.

Whether other steps are done is seen as of the beginning of the statement: where the holder was not alone, it locks the run
before."""

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
UPDATE onboarding_run SET version = version + 1 WHERE id = %(run)s RETURNING id
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
SELECT queue, id FROM (
    SELECT s.queue, s.id, s.due_at, row_number() OVER (PARTITION BY s.queue ORDER BY s.due_at) AS place
    FROM onboarding_step s JOIN onboarding_run r ON r.id = s.run_id
    WHERE r.state = 'active' AND {OVERDUE}
) overdue
WHERE place <= %(limit)s ORDER BY due_at
"""
"""The oldest of each lane: one that nobody serves must not hide the others."""

RESULTS = "SELECT name, result FROM onboarding_step WHERE run_id = %(run)s"
