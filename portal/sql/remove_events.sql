-- A whole partition (events/migrations/0005_partitions.py); nothing else may remove an event.
SELECT coalesce(removed, 0), removed IS NOT NULL FROM events_remove_partition(%(age)s) removed
