-- The next change begins now, or once the last one began `spacing` ago. Returns the seconds until then.
INSERT INTO integrations_providerlimit AS l (name, next_at, changes, requested, reason, failures)
VALUES (%(provider)s, statement_timestamp() + make_interval(secs => %(spacing)s), 1, false, '', 0)
ON CONFLICT (name) DO UPDATE SET
    next_at = greatest(l.next_at, statement_timestamp()) + make_interval(secs => %(spacing)s),
    changes = l.changes + 1
RETURNING extract(epoch FROM next_at - statement_timestamp())::float - %(spacing)s
