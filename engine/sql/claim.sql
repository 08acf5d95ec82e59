-- Takes one due step of the queue that the given step is in, for the team with the fewest workers there: the oldest of
-- its steps, but each step that its run has behind it counts for a minute, so that runs are finished rather than begun.
-- With `exactly`, takes the given step or nothing. A step that this worker's version does not know is left as it is: a
-- worker of the other version takes it.
--
-- The cost grows with the number of teams that have something in the queue, not with how much they have: an index finds
-- the oldest 256 of each, as many as a large campaign has. A run that somebody else is changing right now is skipped.
WITH RECURSIVE target AS (
    SELECT queue FROM engine_step WHERE id = %(step)s
), shares AS ( -- every share with an open step in the queue, one index lookup each
    (
        SELECT s.share FROM engine_step s
        WHERE s.queue = (SELECT queue FROM target) AND s.state IN ('ready', 'waiting') ORDER BY s.share LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT s.share FROM engine_step s
        WHERE s.queue = (SELECT queue FROM target) AND s.share > shares.share AND s.state IN ('ready', 'waiting')
        ORDER BY s.share LIMIT 1
    )
    FROM shares WHERE shares.share IS NOT NULL AND NOT %(exactly)s
), served AS ( -- how many workers each of them has there
    SELECT shares.share, running.steps FROM shares CROSS JOIN LATERAL (
        SELECT count(*) AS steps FROM engine_step s
        WHERE s.queue = (SELECT queue FROM target) AND s.share = shares.share AND s.state = 'running'
    ) running
    WHERE NOT %(exactly)s
), candidates AS (
    SELECT oldest.id, oldest.run_id, oldest.share, oldest.due_at FROM shares CROSS JOIN LATERAL (
        SELECT s.id, s.run_id, s.share, s.due_at - CASE -- a regular check can wait
            WHEN s.state = 'ready' OR s.woken THEN s.position * interval '1 minute' ELSE interval '0'
        END AS due_at FROM engine_step s
        WHERE s.queue = (SELECT queue FROM target) AND s.share = shares.share AND s.state IN ('ready', 'waiting')
            AND s.due_at <= statement_timestamp() AND s.name = ANY(%(names)s::text[])
        ORDER BY s.due_at LIMIT 256
    ) oldest
    WHERE NOT %(exactly)s
    UNION ALL -- steps whose worker is gone
    SELECT s.id, s.run_id, s.share, s.due_at FROM engine_step s
    WHERE s.queue = (SELECT queue FROM target) AND s.state = 'running' AND s.lease_until < statement_timestamp()
        AND NOT %(exactly)s
    UNION ALL
    SELECT s.id, s.run_id, s.share, s.due_at FROM engine_step s WHERE s.id = %(step)s AND %(exactly)s
), in_order AS MATERIALIZED (
    SELECT candidates.id, candidates.run_id FROM candidates LEFT JOIN served ON served.share = candidates.share
    ORDER BY coalesce(served.steps, 0), candidates.due_at
), locked AS ( -- what decides: a row that changed since the statement began is checked again once it is locked
    SELECT free.* FROM in_order CROSS JOIN LATERAL (
        SELECT r.id, r.kind, r.topic, r.trace, r.version, s.id AS step
        FROM engine_run r JOIN engine_step s ON s.run_id = r.id
        WHERE r.id = in_order.run_id AND coalesce(r.state = 'active', false) AND s.id = in_order.id
            AND r.kind || '/' || s.name = ANY(%(known)s::text[]) AND (
            (s.state IN ('ready', 'waiting') AND s.due_at <= statement_timestamp())
            OR (s.state = 'running' AND s.lease_until < statement_timestamp())
        )
        FOR NO KEY UPDATE SKIP LOCKED
    ) free
    LIMIT 1
), claimed AS ( -- checking again what a step waits for is no new attempt
    UPDATE engine_step s SET
        state = 'running',
        epoch = s.epoch + 1,
        crashes = s.crashes + CASE WHEN s.state = 'running' THEN 1 ELSE 0 END,
        attempt = s.attempt + CASE WHEN s.state = 'waiting' AND s.failures = 0 THEN 0 ELSE 1 END,
        rechecking = s.state = 'waiting' AND s.failures = 0,
        since = CASE WHEN s.state = 'waiting' AND s.failures = 0 THEN s.since ELSE statement_timestamp() END,
        began_at = coalesce(s.began_at, statement_timestamp()),
        lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
        woken = false
    FROM locked
    WHERE s.id = locked.step
    RETURNING s.id, s.run_id, s.name, s.queue, s.share, s.attempt, s.failures, s.failing_since, s.crashes, s.epoch, s.rechecking,
        s.reason, s.since, s.began_at, locked.kind, locked.topic, locked.trace,
        locked.version
), crashed AS (
    INSERT INTO engine_attempt (step_id, number, began_at, ended_at, outcome, message, log)
    SELECT id, attempt - 1, statement_timestamp(), statement_timestamp(), 'crashed', 'The worker stopped responding.', ''
    FROM claimed WHERE crashes > 0
    ON CONFLICT (step_id, number) DO UPDATE
    SET outcome = 'crashed', message = excluded.message, ended_at = excluded.ended_at
), shown AS (
    UPDATE engine_run r SET version = r.version + 1
    FROM claimed WHERE r.id = claimed.run_id AND NOT claimed.rechecking
    RETURNING r.version
)
SELECT claimed.*, (SELECT version FROM shown) AS shown, NOT EXISTS (
    SELECT FROM engine_step other
    WHERE other.run_id = claimed.run_id AND other.id <> claimed.id AND other.state <> 'done'
) AS is_last
FROM claimed
