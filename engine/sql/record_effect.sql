-- Records what exists outside, even where the step was lost meanwhile: clean-up must know of it. Not where
-- somebody has tried since, or a re-run looks again: they know better. The run's row is locked first, as a re-run does.
WITH shown AS (
    UPDATE engine_run SET version = version + 1 WHERE id = %(run)s RETURNING id
)
INSERT INTO engine_effect AS e (step_id, kind, name, state, epoch, tries, made_at, reference, url)
SELECT %(step)s, %(kind)s, %(name)s, 'made', %(epoch)s, 0, statement_timestamp(), %(reference)s, %(url)s FROM shown
ON CONFLICT (step_id, kind, name) DO UPDATE
SET state = 'made', made_at = statement_timestamp(), reference = excluded.reference, url = excluded.url
WHERE e.epoch <= %(epoch)s
