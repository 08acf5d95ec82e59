-- Attempts of active runs that a later one of the same step has superseded.
SELECT count(*), coalesce(sum(pg_column_size(a.*)), 0)::bigint, min(a.ended_at), max(a.ended_at)
FROM engine_attempt a
JOIN engine_step s ON s.id = a.step_id
JOIN engine_run r ON r.id = s.run_id
WHERE NOT a.is_summary AND a.ended_at < statement_timestamp() - %(age)s AND r.state = 'active'
    AND EXISTS (SELECT FROM engine_attempt later WHERE later.step_id = a.step_id AND later.number > a.number)
