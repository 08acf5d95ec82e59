-- Records what exists outside, even where the step was lost meanwhile: clean-up must know of it.
WITH made AS (
    INSERT INTO engine_effect (step_id, kind, name, state, tries, made_at, reference, url)
    VALUES (%(step)s, %(kind)s, %(name)s, 'made', 0, statement_timestamp(), %(reference)s, %(url)s)
    ON CONFLICT (step_id, kind, name) DO UPDATE
    SET state = 'made', made_at = statement_timestamp(), reference = excluded.reference, url = excluded.url
)
UPDATE engine_run SET version = version + 1 WHERE id = %(run)s RETURNING id
