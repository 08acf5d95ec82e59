-- Defined in events/migrations/0002_content.py: nothing else may delete a delivery.
SELECT removed, removed > 0 FROM events_remove_deliveries(%(age)s, %(most)s) removed
