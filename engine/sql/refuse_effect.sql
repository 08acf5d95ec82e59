-- The provider refused this try, so nothing exists. The refusal says nothing about a later try.
UPDATE engine_effect SET state = 'refused'
WHERE step_id = %(step)s AND kind = %(kind)s AND name = %(name)s AND state = 'intended' AND epoch = %(epoch)s
