-- Makes due every waiting step of one run, or of all runs with a topic. A step that a worker holds right now remembers
-- that it was woken, so that its wait ends at once.
UPDATE engine_step s SET
    woken = true,
    due_at = CASE WHEN s.state = 'waiting' THEN statement_timestamp() ELSE s.due_at END
FROM engine_run r
WHERE r.id = s.run_id AND r.state = 'active' AND s.state IN ('waiting', 'running') AND r.id IN (
    SELECT id FROM engine_run WHERE topic = %(topic)s AND topic <> '' AND state = 'active'
    UNION ALL
    SELECT %(run)s::uuid
)
RETURNING s.queue, s.id
