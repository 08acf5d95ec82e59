-- A source that was full before returns no row.
INSERT INTO events_webhooksource AS source (name, bytes, full_since) VALUES (%(source)s, 0, statement_timestamp())
ON CONFLICT (name) DO UPDATE SET full_since = statement_timestamp() WHERE source.full_since IS NULL
RETURNING 1
