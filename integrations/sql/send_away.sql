-- The waiter leaves and keeps its place for these seconds.
UPDATE integrations_place SET
    present_until = statement_timestamp(),
    kept_until = statement_timestamp() + make_interval(secs => %(kept)s)
WHERE id = %(place)s
