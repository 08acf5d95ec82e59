SELECT count(*), coalesce(sum(pg_column_size(t.*)), 0)::bigint, min(expire_date), max(expire_date)
FROM portal_session t WHERE expire_date < statement_timestamp() - %(age)s
