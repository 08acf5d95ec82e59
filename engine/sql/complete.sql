-- Ends one execution of a step, makes ready every step that needed only this one, claims the first of those in the queues
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
), rest AS (
    SELECT count(*) FILTER (WHERE state <> 'done') AS steps,
        %(ends_run)s AND %(state)s = 'done' AND count(*) FILTER (WHERE state <> 'done') = 0 AS ends_run
    FROM others
), free AS (
    SELECT id, position, queue = ANY(%(take)s::text[]) AND name = ANY(%(names)s::text[]) AS can_be_taken FROM others
    WHERE state = 'not_started' AND needs <@ array(
        SELECT name FROM others WHERE state = 'done' UNION ALL SELECT name FROM completed
    )
), chosen AS (
    SELECT id, can_be_taken AND row_number() OVER (PARTITION BY can_be_taken ORDER BY position) = 1 AS taken FROM free
), ready AS (
    UPDATE engine_step s SET
        state = CASE WHEN taken THEN 'running' ELSE 'ready' END,
        epoch = s.epoch + taken::int,
        attempt = s.attempt + taken::int,
        began_at = CASE WHEN taken THEN statement_timestamp() END,
        lease_until = CASE WHEN taken THEN statement_timestamp() + make_interval(secs => %(lease)s) END,
        rechecking = false,
        move = 'machine',
        due_at = statement_timestamp(),
        since = statement_timestamp()
    FROM chosen
    WHERE s.id = chosen.id
    RETURNING taken, s.id, s.run_id, s.name, s.queue, s.share, s.attempt, s.failures, s.failing_since, s.crashes, s.epoch, s.rechecking,
        s.reason, s.since, s.began_at
), shown AS (
    UPDATE engine_run r SET
        version = r.version + 1,
        state = CASE WHEN rest.ends_run THEN 'done' ELSE r.state END,
        ended_at = CASE WHEN rest.ends_run THEN statement_timestamp() ELSE r.ended_at END
    FROM completed CROSS JOIN rest
    WHERE r.id = completed.run_id AND %(is_news)s
    RETURNING r.version
), noted AS (
    INSERT INTO events_event (type, source, subject, data, person)
    SELECT event.type, 'onramp', %(subject)s, event.data, '' FROM (
        SELECT %(event)s AS type, %(facts)s::jsonb AS data FROM completed WHERE %(is_news)s
        UNION ALL
        SELECT %(end_event)s, '{}' FROM completed CROSS JOIN rest WHERE rest.ends_run
    ) event
)
SELECT %(state)s = 'done' AND rest.steps = 0 AS finished, (SELECT version FROM shown), rest.steps = 1 AS is_last, ready.*
FROM completed CROSS JOIN rest LEFT JOIN ready ON true
