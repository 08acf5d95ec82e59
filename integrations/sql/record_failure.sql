-- An exchange without a proper answer. From `threshold` in a row on, each pauses the provider for twice as long as the last.
INSERT INTO integrations_providerlimit AS l (name, requested, reason, failures) VALUES (%(provider)s, false, %(reason)s, 1)
ON CONFLICT (name) DO UPDATE SET
    failures = l.failures + 1,
    reason = excluded.reason,
    requested = CASE WHEN l.failures + 1 >= %(threshold)s THEN false ELSE l.requested END,
    paused_until = CASE
        WHEN l.failures + 1 >= %(threshold)s
        THEN greatest(l.paused_until, statement_timestamp() + make_interval(
            secs => least(%(longest)s::float, 2.0::float ^ least(l.failures + 1 - %(threshold)s, 10))
        ))
        ELSE l.paused_until
    END
