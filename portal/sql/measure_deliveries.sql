SELECT count(*), coalesce(sum(octet_length(body)), 0)::bigint, min(received_at), max(received_at)
FROM events_webhookdelivery
WHERE received_at < statement_timestamp() - %(age)s AND handled_at IS NOT NULL
