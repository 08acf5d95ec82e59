-- The provider asked for a pause.
INSERT INTO integrations_providerlimit AS l (name, paused_until, requested, reason, failures)
VALUES (%(provider)s, statement_timestamp() + make_interval(secs => %(seconds)s), true, %(reason)s, 0)
ON CONFLICT (name) DO UPDATE SET
    paused_until = greatest(l.paused_until, excluded.paused_until), requested = true, reason = excluded.reason
