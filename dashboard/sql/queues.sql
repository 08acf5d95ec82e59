-- The open steps of each queue: due, waiting, running, abandoned, and for how many seconds the oldest has been overdue.
SELECT s.queue,
    count(*) FILTER (WHERE s.state IN ('ready', 'waiting') AND s.due_at <= statement_timestamp()),
    count(*) FILTER (WHERE s.state = 'waiting' AND s.due_at > statement_timestamp()),
    count(*) FILTER (WHERE s.state = 'running' AND s.lease_until >= statement_timestamp()),
    count(*) FILTER (WHERE s.state = 'running' AND s.lease_until < statement_timestamp()),
    coalesce(extract(epoch FROM max(statement_timestamp() - s.due_at) FILTER (
        WHERE s.state IN ('ready', 'waiting') AND s.due_at <= statement_timestamp()
    )), 0)::float
FROM engine_step s JOIN engine_run r ON r.id = s.run_id
WHERE r.state = 'active' AND s.state IN ('ready', 'waiting', 'running')
GROUP BY s.queue ORDER BY s.queue
