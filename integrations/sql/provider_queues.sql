-- Each provider: places that wait for its turn, seconds since the oldest of them was taken, changes so far.
SELECT l.name, count(p.id), coalesce(extract(epoch FROM max(statement_timestamp() - p.since)), 0)::float, l.changes
FROM integrations_providerlimit l LEFT JOIN integrations_place p ON p.provider = l.name
    AND p.kept_until > statement_timestamp() AND p.id IS DISTINCT FROM l.turn
WHERE l.name NOT LIKE 'section:%%'
GROUP BY l.name ORDER BY l.name
