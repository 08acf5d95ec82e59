-- Who is before a place (present or being served, and in all), and the seconds until the next change may begin. Its
-- waiter counts as present from now on. No row where the place was dropped.
WITH seen AS ( -- once a second is enough
    UPDATE integrations_place SET
        present_until = statement_timestamp() + make_interval(secs => %(present)s),
        kept_until = statement_timestamp() + make_interval(secs => %(kept)s)
    WHERE id = %(place)s AND present_until < statement_timestamp() + make_interval(secs => %(present)s - 1)
), here AS (
    SELECT p.*, coalesce(l.busy_until > statement_timestamp(), false) AS busy, l.turn,
        coalesce(greatest(0, extract(epoch FROM l.next_at - statement_timestamp())), 0)::float AS seconds
    FROM integrations_place p LEFT JOIN integrations_providerlimit l ON l.name = p.provider
    WHERE p.id = %(place)s
)
SELECT
    here.busy::int + count(o.id) FILTER (
        WHERE o.present_until > statement_timestamp() AND o.id IS DISTINCT FROM here.turn
    ) AS ahead,
    count(o.id) AS before,
    here.seconds
FROM here LEFT JOIN integrations_place o ON o.provider = here.provider
    AND (o.number, o.id) < (here.number, here.id) AND o.kept_until > statement_timestamp()
GROUP BY here.busy, here.seconds
