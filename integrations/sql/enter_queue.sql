-- A place in the queue of a provider, by start-time fair queueing: one behind the last place of this share, but not before
-- the place that was served last. A waiter that has a place keeps it.
--
-- `behind` is the number of the turn that the same waiter just had: it goes on before the others of its share, a quarter
-- of a place behind, so that no step can go on for ever. Also returns how many seconds ago the waiter was called.
WITH called AS (
    SELECT extract(epoch FROM statement_timestamp() - called_at)::float AS seconds FROM integrations_place
    WHERE provider = %(provider)s AND waiter = %(waiter)s::bigint
)
INSERT INTO integrations_place AS p (provider, waiter, share, number, present_until, kept_until)
SELECT %(provider)s, %(waiter)s::bigint, %(share)s,
    greatest(served, least(coalesce(last + 1, served), %(behind)s::float + 0.25)),
    statement_timestamp() + make_interval(secs => %(present)s),
    statement_timestamp() + make_interval(secs => %(kept)s)
FROM (
    SELECT coalesce((SELECT served FROM integrations_providerlimit WHERE name = %(provider)s), 0) AS served,
        max(o.number) AS last
    FROM integrations_place o
    WHERE o.provider = %(provider)s AND o.share = %(share)s AND o.kept_until > statement_timestamp()
) queue
ON CONFLICT (provider, waiter) DO UPDATE
SET present_until = excluded.present_until, kept_until = excluded.kept_until, called_at = NULL
RETURNING p.id, p.number, (SELECT seconds FROM called)
