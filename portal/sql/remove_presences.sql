WITH old AS (
    SELECT id FROM onboarding_presence WHERE seen_at < statement_timestamp() - %(age)s LIMIT %(most)s FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM onboarding_presence t USING old WHERE t.id = old.id RETURNING t.id
)
SELECT count(*), count(*) > 0 FROM removed
