SELECT count(*), coalesce(sum(pg_column_size(t.*)), 0)::bigint, min(seen_at), max(seen_at)
FROM onboarding_presence t WHERE seen_at < statement_timestamp() - %(age)s
