DELETE FROM integrations_place WHERE id = ANY(%(places)s)
