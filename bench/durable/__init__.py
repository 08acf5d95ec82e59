"""Durable steps a second: this engine beside DBOS Transact and Absurd, and beside plain Celery, which stores nothing."""
