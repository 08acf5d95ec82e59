-- Makes one step due; where a worker holds it right now, its wait ends at once. No row where nobody is going to perform it.
UPDATE engine_step s SET
    woken = true,
    due_at = CASE WHEN s.state = 'waiting' THEN least(s.due_at, statement_timestamp()) ELSE s.due_at END
FROM engine_run r
WHERE s.id = %(step)s AND r.id = s.run_id AND coalesce(r.state = 'active', false) AND s.state IN ('ready', 'running', 'waiting')
RETURNING s.queue, s.id
