-- A delivery whose content was stored before returns no row, whatever its id says: the id is not signed.
INSERT INTO events_webhookdelivery (source, delivery_id, digest, headers, body, received_at, problem)
VALUES (%(source)s, %(delivery)s, %(digest)s, %(headers)s, %(body)s, statement_timestamp(), '')
ON CONFLICT (source, digest) DO NOTHING RETURNING id
