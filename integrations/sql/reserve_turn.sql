-- Reserves the next turn among a provider's changes and returns the seconds until it begins; no row where too many wait.
INSERT INTO integrations_providerlimit AS l (name, next_at, requested, reason, failures)
VALUES (%(provider)s, statement_timestamp() + make_interval(secs => %(spacing)s), false, '', 0)
ON CONFLICT (name) DO UPDATE
SET next_at = greatest(l.next_at, statement_timestamp()) + make_interval(secs => %(spacing)s)
WHERE l.next_at IS NULL OR l.next_at < statement_timestamp() + make_interval(secs => %(longest)s)
RETURNING extract(epoch FROM next_at - statement_timestamp())::float - %(spacing)s
