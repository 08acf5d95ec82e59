-- An exchange without a proper answer. From `threshold` in a row on, each pauses the provider for twice as long as the last.
-- While a pause lasts that the provider asked for, failures only count: it is neither shortened nor taken for an outage.
INSERT INTO integrations_providerlimit AS l (name, requested, reason, failures) VALUES (%(provider)s, false, %(reason)s, 1)
ON CONFLICT (name) DO UPDATE SET (failures, requested, reason, paused_until) = (
    SELECT l.failures + 1, -- each value: of the pause that lasts, else of the failures
        CASE WHEN asked OR few THEN l.requested ELSE false END,
        CASE WHEN asked THEN l.reason ELSE excluded.reason END,
        CASE WHEN asked OR few THEN l.paused_until ELSE greatest(l.paused_until, statement_timestamp() + make_interval(
            secs => least(%(longest)s::float, 2.0::float ^ least(l.failures + 1 - %(threshold)s, 10))
        )) END
    FROM (SELECT
        l.requested AND coalesce(l.paused_until > statement_timestamp(), false) AS asked,
        l.failures + 1 < %(threshold)s AS few
    ) now
)
