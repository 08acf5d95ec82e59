-- Makes due every waiting step of one run, or of all runs with a topic. A step that a worker holds right now remembers
-- that it was woken, so that its wait ends at once.
--
-- The rows are locked in the order of their keys, as everybody does who locks several.
WITH woken AS MATERIALIZED (
    SELECT s.id FROM engine_step s JOIN engine_run r ON r.id = s.run_id
    WHERE r.state = 'active' AND s.state IN ('waiting', 'running') AND r.id IN (
        SELECT id FROM engine_run WHERE topic = %(topic)s AND topic <> '' AND state = 'active'
        UNION ALL
        SELECT %(run)s::uuid
    )
    ORDER BY s.id FOR NO KEY UPDATE OF s
)
UPDATE engine_step s SET
    woken = true,
    due_at = CASE WHEN s.state = 'waiting' THEN statement_timestamp() ELSE s.due_at END
FROM woken WHERE s.id = woken.id
RETURNING s.queue, s.id
