-- No row where the budget does not suffice.
INSERT INTO events_webhooksource AS source (name, bytes) VALUES (%(source)s, %(size)s)
ON CONFLICT (name) DO UPDATE SET bytes = source.bytes + excluded.bytes, full_since = NULL
WHERE source.bytes + excluded.bytes <= %(budget)s
RETURNING 1
