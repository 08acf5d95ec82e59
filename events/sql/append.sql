INSERT INTO events_event (type, source, subject, data, person)
SELECT type, %(source)s, subject, data, %(person)s
FROM jsonb_to_recordset(%(events)s) AS event (type text, subject text, data jsonb)
