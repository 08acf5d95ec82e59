-- Every provider that is paused or failing. There are few providers, and fewer in trouble.
SELECT name, extract(epoch FROM paused_until - statement_timestamp())::float, requested, reason, failures
FROM integrations_providerlimit WHERE paused_until > statement_timestamp() OR failures > 0
