"""The fixtures of `world`, for every test of this folder."""

import pytest
from pytest_django.fixtures import Settings

from tests.plan.world import configured, world
from tests.sandbox.process import behaving, sandbox

__all__ = ["behaving", "configured", "sandbox", "world"]


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Settings) -> None:
    """A fresh clone has no collected static files."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
