-- The last attempt of each step becomes its summary, without its log; the others go. An ended run never changes again.
WITH old AS MATERIALIZED (
    SELECT a.step_id FROM engine_attempt a
    JOIN engine_step s ON s.id = a.step_id
    JOIN engine_run r ON r.id = s.run_id
    WHERE NOT a.is_summary AND (a.ended_at < statement_timestamp() - %(age)s OR a.ended_at IS NULL)
        AND r.ended_at < statement_timestamp() - %(age)s
    LIMIT %(most)s
), steps AS (
    SELECT DISTINCT step_id FROM old
), attempts AS MATERIALIZED (
    SELECT a.id, a.log <> '' AS is_logged, a.number = max(a.number) OVER (PARTITION BY a.step_id) AS is_last
    FROM engine_attempt a JOIN steps USING (step_id)
), summarised AS (
    UPDATE engine_attempt a SET log = '', is_summary = true FROM attempts WHERE attempts.id = a.id AND is_last
), removed AS (
    DELETE FROM engine_attempt a USING attempts WHERE attempts.id = a.id AND NOT is_last
)
SELECT count(*) FILTER (WHERE is_logged OR NOT is_last), count(*) > 0 FROM attempts
