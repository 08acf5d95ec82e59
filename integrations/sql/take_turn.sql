-- Takes the turn; no row where somebody has it, or where it is too early for the next change. The row is locked while its
-- condition is checked, so that two never have it. A holder that died has it no longer than `bound`. Also returns whether
-- there are other places.
INSERT INTO integrations_providerlimit AS l (name, turn, served, busy_until, requested, reason, failures)
VALUES (
    %(provider)s, %(place)s, %(number)s, statement_timestamp() + make_interval(secs => %(bound)s), false, '', 0
)
ON CONFLICT (name) DO UPDATE
SET turn = excluded.turn, served = greatest(l.served, excluded.served), busy_until = excluded.busy_until
WHERE (l.busy_until IS NULL OR l.busy_until <= statement_timestamp())
    AND (l.next_at IS NULL OR l.next_at <= statement_timestamp())
RETURNING busy_until, EXISTS (SELECT FROM integrations_place p WHERE p.provider = l.name AND p.id <> %(place)s)
