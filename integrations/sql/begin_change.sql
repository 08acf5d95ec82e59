-- Marks a change as in progress; no row where another one is. A dead process blocks the others only until `bound`.
UPDATE integrations_providerlimit SET busy_until = statement_timestamp() + make_interval(secs => %(bound)s)
WHERE name = %(provider)s AND (busy_until IS NULL OR busy_until <= statement_timestamp())
RETURNING busy_until
