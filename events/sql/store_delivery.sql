-- A delivery that was stored before returns no row.
INSERT INTO events_webhookdelivery (source, delivery_id, headers, body, received_at, problem)
VALUES (%(source)s, %(delivery)s, %(headers)s, %(body)s, statement_timestamp(), '')
ON CONFLICT (source, delivery_id) DO NOTHING RETURNING id
