"""The world of the journeys, a database of its own, and workers that are processes of their own and may be killed."""

from tests.faults.own_database import database, made_database
from tests.journey.conftest import busy, busy_world, committed, django_db_setup

__all__ = ["busy", "busy_world", "committed", "database", "django_db_setup", "made_database"]
