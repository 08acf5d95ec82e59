-- Ends this turn and no other: a late call finds another `busy_until`, also where the same step has the turn again.
WITH freed AS (
    UPDATE integrations_providerlimit SET turn = NULL, busy_until = NULL
    WHERE name = %(provider)s AND turn = %(place)s AND busy_until = %(until)s
    RETURNING name
)
DELETE FROM integrations_place p USING freed WHERE p.provider = freed.name AND p.id = %(place)s
