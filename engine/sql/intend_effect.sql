-- Intent, fence and attempt count in one commit directly before the call: a worker that lost the step gets no further.
WITH held AS (
    UPDATE engine_step SET lease_until = statement_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = %(step)s AND epoch = %(epoch)s AND coalesce(state = 'running', false)
    RETURNING id
)
INSERT INTO engine_effect AS e (step_id, kind, name, state, epoch, tries, tried_at, reference, url)
SELECT id, %(kind)s, %(name)s, 'intended', %(epoch)s, 1, statement_timestamp(), '{}', '' FROM held
ON CONFLICT (step_id, kind, name) DO UPDATE
SET state = 'intended', epoch = excluded.epoch, tries = e.tries + 1, tried_at = statement_timestamp()
WHERE e.state <> 'made' -- an earlier holder's answer has just arrived
RETURNING id
