-- The open steps of each queue: due, waiting, running, abandoned, and for how many seconds the oldest has been overdue.
--
-- Each part reads a partial index over open steps. A step whose run ended is not open, so those that wait are counted from
-- the index; the few that could raise an alarm are joined with their run.
WITH open AS (
    SELECT s.queue, 0 AS due, count(*) AS waiting, 0 AS running, 0 AS abandoned, interval '0' AS overdue
    FROM engine_step s
    WHERE s.state IN ('ready', 'waiting') AND s.due_at > statement_timestamp()
    GROUP BY s.queue
    UNION ALL
    SELECT s.queue, count(*), 0, 0, 0, max(statement_timestamp() - s.due_at)
    FROM engine_step s JOIN engine_run r ON r.id = s.run_id
    WHERE r.state = 'active' AND s.state IN ('ready', 'waiting') AND s.due_at <= statement_timestamp()
    GROUP BY s.queue
    UNION ALL
    SELECT s.queue, 0, 0, count(*) FILTER (WHERE s.lease_until >= statement_timestamp()),
        count(*) FILTER (WHERE s.lease_until < statement_timestamp()), interval '0'
    FROM engine_step s JOIN engine_run r ON r.id = s.run_id
    WHERE r.state = 'active' AND s.state = 'running'
    GROUP BY s.queue
)
SELECT queue, sum(due)::bigint, sum(waiting)::bigint, sum(running)::bigint, sum(abandoned)::bigint,
    extract(epoch FROM max(overdue))::float
FROM open GROUP BY queue ORDER BY queue
