-- Nobody writes an attempt once a later one exists, so no worker waits for these rows.
WITH old AS (
    SELECT a.id FROM engine_attempt a
    JOIN engine_step s ON s.id = a.step_id
    JOIN engine_run r ON r.id = s.run_id
    WHERE NOT a.is_summary AND a.ended_at < statement_timestamp() - %(age)s AND r.state = 'active'
        AND EXISTS (SELECT FROM engine_attempt later WHERE later.step_id = a.step_id AND later.number > a.number)
    LIMIT %(most)s FOR UPDATE OF a SKIP LOCKED
), removed AS (
    DELETE FROM engine_attempt a USING old WHERE a.id = old.id RETURNING a.id
)
SELECT count(*), count(*) > 0 FROM removed
