-- Only one worker handles a delivery: a second one finds it handled.
UPDATE events_webhookdelivery SET handled_at = statement_timestamp() WHERE id = %(id)s AND handled_at IS NULL
RETURNING source, headers, body
