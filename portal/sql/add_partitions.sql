-- Defined in events/migrations/0005_partitions.py.
SELECT events_add_partitions()
