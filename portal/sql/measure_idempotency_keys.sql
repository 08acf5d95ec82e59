SELECT count(*), coalesce(sum(pg_column_size(t.*)), 0)::bigint, min(created_at), max(created_at)
FROM onboarding_idempotencykey t WHERE created_at < statement_timestamp() - %(age)s
