WITH old AS (
    SELECT id FROM onboarding_idempotencykey WHERE created_at < statement_timestamp() - %(age)s LIMIT %(most)s FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM onboarding_idempotencykey t USING old WHERE t.id = old.id RETURNING t.id
)
SELECT count(*), count(*) > 0 FROM removed
