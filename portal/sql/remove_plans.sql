WITH old AS (
    SELECT id FROM onboarding_plan p
    WHERE created_at < statement_timestamp() - %(age)s
        AND NOT EXISTS (SELECT FROM onboarding_onboarding o WHERE o.plan_id = p.id)
    LIMIT %(most)s FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM onboarding_plan p USING old WHERE p.id = old.id RETURNING p.id
)
SELECT count(*), count(*) > 0 FROM removed
