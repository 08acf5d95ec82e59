-- An answer ends the failures in a row and their pause; a pause that the provider asked for lasts as long as it said.
UPDATE integrations_providerlimit SET
    failures = 0,
    paused_until = CASE WHEN requested THEN paused_until END,
    reason = CASE WHEN requested THEN reason ELSE '' END
WHERE name = %(provider)s
