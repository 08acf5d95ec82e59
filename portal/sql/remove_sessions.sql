WITH old AS (
    SELECT session_key FROM portal_session WHERE expire_date < statement_timestamp() - %(age)s LIMIT %(most)s FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM portal_session t USING old WHERE t.session_key = old.session_key RETURNING t.session_key
)
SELECT count(*), count(*) > 0 FROM removed
