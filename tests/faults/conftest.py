"""The fixtures of the journeys, a dedicated database, and workers as processes that can be killed."""

from tests.faults.dedicated_database import database, migrated_database
from tests.journey.conftest import busy, busy_world, committed, django_db_setup

__all__ = ["busy", "busy_world", "committed", "database", "django_db_setup", "migrated_database"]
