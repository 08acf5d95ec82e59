"""The fixtures of the journeys."""

from tests.journey.conftest import committed, django_db_setup, idle, world

__all__ = ["committed", "django_db_setup", "idle", "world"]
