-- The other side said no to this try, so nothing exists. Of a later try it says nothing.
UPDATE engine_effect SET state = 'refused'
WHERE step_id = %(step)s AND kind = %(kind)s AND name = %(name)s AND state = 'intended' AND epoch = %(epoch)s
