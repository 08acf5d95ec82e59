-- The oldest overdue steps of each queue: a queue that nobody serves must not hide the others.
SELECT queue, id FROM (
    SELECT s.queue, s.id, s.due_at, row_number() OVER (PARTITION BY s.queue ORDER BY s.due_at) AS place
    FROM engine_step s JOIN engine_run r ON r.id = s.run_id
    WHERE r.state = 'active' AND (
        (s.state IN ('ready', 'waiting') AND s.due_at <= statement_timestamp() - make_interval(secs => %(grace)s))
        OR (s.state = 'running' AND s.lease_until < statement_timestamp())
    )
) overdue
WHERE place <= %(limit)s ORDER BY due_at
