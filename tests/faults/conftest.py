"""The world of the journeys, with workers that are processes of their own and may be killed."""

from tests.journey.conftest import busy, busy_world, committed, django_db_setup

__all__ = ["busy", "busy_world", "committed", "django_db_setup"]
