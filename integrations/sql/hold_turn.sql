-- The row stays locked until the transaction ends, so nobody else takes the turn before. No row where it has ended.
SELECT 1 FROM integrations_providerlimit
WHERE name = %(provider)s AND turn = %(place)s AND busy_until = %(until)s AND busy_until > statement_timestamp()
FOR UPDATE
