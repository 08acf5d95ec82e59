"""Durable steps a second, side by side: this engine, DBOS Transact and Absurd, and Celery's jobs that keep nothing."""
