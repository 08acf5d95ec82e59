-- Ends one execution of a step, makes ready every step that needed only this one, claims the first of those in the queue
-- `take`, and says whether nothing is left; with `ends_run`, it ends the run then.
--
-- Whether the other steps are done is read as of the beginning of the statement, and not as of when it got the lock. So
-- either the run is locked by a statement before this one (LOCK), or nobody has changed it since it had `version`; otherwise
-- this returns no row.
--
-- coalesce() around the state hides it from the planner, here and in the other statements that find a row by its key. It would
-- read the whole index of running steps instead, which is small but for the dead entries that each execution leaves in it.
WITH locked AS (
    SELECT id FROM engine_run WHERE id = %(run)s AND version = coalesce(%(version)s, version) FOR NO KEY UPDATE
), completed AS (
    UPDATE engine_step s SET
        state = %(state)s,
        move = %(move)s,
        reason = %(message)s,
        detail = %(detail)s,
        links = %(links)s,
        result = coalesce(%(result)s, s.result),
        blocked_by_id = %(blocked_by)s,
        due_at = CASE
            WHEN %(can_be_woken)s AND s.woken THEN statement_timestamp()
            ELSE statement_timestamp() + make_interval(secs => %(pause)s)
        END,
        since = CASE WHEN %(is_news)s THEN statement_timestamp() ELSE s.since END,
        ended_at = CASE WHEN %(is_over)s THEN statement_timestamp() END,
        failures = %(failures)s,
        failing_since = CASE WHEN %(failures)s > 0 THEN coalesce(s.failing_since, statement_timestamp()) END,
        crashes = %(crashes)s,
        lease_until = NULL
    FROM locked
    WHERE s.id = %(step)s AND s.epoch = %(epoch)s AND coalesce(s.state = 'running', false) -- only the holder writes
    RETURNING s.id, s.run_id, s.name
), attempt AS (
    INSERT INTO engine_attempt AS a (step_id, number, began_at, ended_at, outcome, message, log)
    SELECT
        id, %(attempt)s, %(began)s, CASE WHEN %(outcome)s <> '' THEN statement_timestamp() END, %(outcome)s,
        CASE WHEN %(outcome)s <> '' THEN %(attempt_message)s ELSE '' END, %(log)s
    FROM completed WHERE %(is_news)s OR %(log)s <> ''
    ON CONFLICT (step_id, number) DO UPDATE
    SET log = right(a.log || excluded.log, %(longest_log)s), message = excluded.message, outcome = excluded.outcome, ended_at = excluded.ended_at
), others AS (
    SELECT o.id, o.name, o.queue, o.position, o.state, o.needs
    FROM engine_step o JOIN completed ON o.run_id = completed.run_id AND o.id <> completed.id
    WHERE %(state)s = 'done'
), free AS (
    SELECT id, name, queue, position FROM others
    WHERE state = 'not_started' AND needs <@ array(
        SELECT name FROM others WHERE state = 'done' UNION ALL SELECT name FROM completed
    )
), taken AS (
    SELECT id FROM free WHERE queue = %(take)s AND name = ANY(%(names)s::text[]) ORDER BY position LIMIT 1
), ready AS (
    UPDATE engine_step s SET
        state = CASE WHEN taken.id IS NULL THEN 'ready' ELSE 'running' END,
        epoch = s.epoch + CASE WHEN taken.id IS NULL THEN 0 ELSE 1 END,
        attempt = s.attempt + CASE WHEN taken.id IS NULL THEN 0 ELSE 1 END,
        began_at = CASE WHEN taken.id IS NOT NULL THEN statement_timestamp() END,
        lease_until = CASE WHEN taken.id IS NOT NULL THEN statement_timestamp() + make_interval(secs => %(lease)s) END,
        rechecking = false,
        move = 'machine',
        due_at = statement_timestamp(),
        since = statement_timestamp()
    FROM free LEFT JOIN taken ON taken.id = free.id
    WHERE s.id = free.id
    RETURNING taken.id IS NOT NULL AS taken, s.id, s.run_id, s.name, s.queue, s.attempt, s.failures, s.failing_since,
        s.crashes, s.epoch, s.rechecking, s.reason, s.since, s.began_at
), finished AS (
    SELECT run_id FROM completed WHERE %(state)s = 'done' AND NOT EXISTS (SELECT FROM others WHERE state <> 'done')
), ended AS (
    SELECT run_id FROM finished WHERE %(ends_run)s
), shown AS (
    UPDATE engine_run r SET
        version = r.version + 1,
        state = CASE WHEN ended.run_id IS NULL THEN r.state ELSE 'done' END,
        ended_at = CASE WHEN ended.run_id IS NULL THEN r.ended_at ELSE statement_timestamp() END
    FROM completed LEFT JOIN ended ON true
    WHERE r.id = completed.run_id AND %(is_news)s
    RETURNING r.version
), noted AS (
    INSERT INTO events_event (type, source, subject, data, person)
    SELECT event.type, 'onramp', %(subject)s, event.data, '' FROM (
        SELECT %(event)s AS type, %(facts)s::jsonb AS data FROM completed WHERE %(is_news)s
        UNION ALL
        SELECT %(end_event)s, '{}' FROM ended
    ) event
)
SELECT EXISTS (SELECT FROM finished) AS finished, (SELECT version FROM shown) AS version, NOT EXISTS (
    SELECT FROM others WHERE others.state <> 'done' AND others.id <> ready.id
) AS is_last, ready.*
FROM completed LEFT JOIN ready ON true
