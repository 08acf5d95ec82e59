-- Ends this turn and no other: a late call finds another `busy_until`, also where the same step has the turn again. Returns
-- whether there are other places; no row where it had ended.
WITH freed AS (
    UPDATE integrations_providerlimit SET turn = NULL, busy_until = NULL
    WHERE name = %(provider)s AND turn = %(place)s AND busy_until = %(until)s
    RETURNING name
)
DELETE FROM integrations_place p USING freed WHERE p.provider = freed.name AND p.id = %(place)s
RETURNING EXISTS (SELECT FROM integrations_place o WHERE o.provider = p.provider AND o.id <> p.id)
