-- What ended runs keep of their attempts beyond one summary for each step.
SELECT count(*), coalesce(sum(CASE WHEN a.number = last.number THEN octet_length(a.log) ELSE pg_column_size(a.*) END), 0)::bigint,
    min(coalesce(a.ended_at, a.began_at)), max(coalesce(a.ended_at, a.began_at))
FROM engine_attempt a
JOIN engine_step s ON s.id = a.step_id
JOIN engine_run r ON r.id = s.run_id
CROSS JOIN LATERAL (SELECT max(number) AS number FROM engine_attempt WHERE step_id = a.step_id) last
WHERE NOT a.is_summary AND (a.ended_at < statement_timestamp() - %(age)s OR a.ended_at IS NULL)
    AND r.ended_at < statement_timestamp() - %(age)s AND (a.number < last.number OR a.log <> '')
