-- What could continue but does not, in active runs: a step that has not started although all it needs is done, a blocked one whose
-- blocker's run has ended, a running one without a lease or a waiting one that is never due, and (with no step) a run in
-- which nothing is left to do. There are none, unless a change was lost by a fault of ours.
SELECT r.id, s.id FROM engine_run r JOIN engine_step s ON s.run_id = r.id
WHERE r.state = 'active' AND (
    (
        s.state = 'not_started' AND NOT EXISTS (
            SELECT FROM engine_step needed
            WHERE needed.run_id = r.id AND needed.name = ANY(s.needs) AND needed.state <> 'done'
        )
    )
    OR (s.state = 'running' AND s.lease_until IS NULL)
    OR (s.state IN ('ready', 'waiting') AND s.due_at IS NULL)
    OR (
        s.state = 'blocked'
        AND NOT EXISTS (SELECT FROM engine_run watch WHERE watch.id = s.blocked_by_id AND watch.state = 'active')
    )
)
UNION ALL
SELECT r.id, NULL FROM engine_run r
WHERE r.state = 'active' AND NOT EXISTS (SELECT FROM engine_step s WHERE s.run_id = r.id AND s.state <> 'done')
LIMIT %(limit)s
