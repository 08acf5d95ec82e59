"""Django for a measurement in the database that DATABASE_URL names, and the run whose copies fill it."""

import os
from typing import TYPE_CHECKING

import django
from django.core.management import call_command

if TYPE_CHECKING:
    from tests.history import Template

STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
"""Addresses of files as they are: a measurement collects none."""


def prepare() -> "Template":
    """Everything migrated, with one finished run. Import nothing of the product before."""
    os.environ.update(ONRAMP_DEMO="1", SECRET_KEY="only for measuring: 0123456789012345678901234567")
    os.environ.setdefault("REDIS_URL", "redis://unused")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - the environment comes first

    settings.STORAGES = STORAGES
    call_command("migrate", verbosity=0)
    from tests import history  # noqa: PLC0415 - it needs the models
    from tests.conftest import create_cast  # noqa: PLC0415

    return history.template(create_cast())
