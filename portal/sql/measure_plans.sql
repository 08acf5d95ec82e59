SELECT count(*), coalesce(sum(pg_column_size(p.*)), 0)::bigint, min(created_at), max(created_at)
FROM onboarding_plan p
WHERE created_at < statement_timestamp() - %(age)s
    AND NOT EXISTS (SELECT FROM onboarding_onboarding o WHERE o.plan_id = p.id)
