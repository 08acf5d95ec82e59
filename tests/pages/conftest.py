"""Pages in tests: static files from their folder, no notifier, and an error for a variable that a template does not know."""

from collections.abc import Iterator

import pytest
from django.template import engines
from django.test import Client
from pytest_django import Settings

from catalog.models import Person
from engine import registry
from tests.conftest import Cast
from tests.pages.source import acme, sandbox

__all__ = ["acme", "sandbox"]


class Undefined(str):
    """What an undefined variable renders as: it fails the test that renders it."""

    def __contains__(self, key: object) -> bool:
        return key == "%s"

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"a template uses {name}, which its view does not pass")


@pytest.fixture(autouse=True)
def _pages(settings: Settings) -> Iterator[None]:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    notifier = list(registry._notifier)
    registry._notifier.clear()
    engine = engines["django"].engine  # type: ignore[attr-defined]
    before, engine.string_if_invalid = engine.string_if_invalid, Undefined("%s")
    yield
    engine.string_if_invalid = before
    registry._notifier[:] = notifier


def signed_in(person: Person | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


@pytest.fixture
def alice(cast: Cast) -> Client:
    return signed_in(cast.alice)


@pytest.fixture
def bob(cast: Cast) -> Client:
    return signed_in(cast.bob)


@pytest.fixture
def charlie(cast: Cast) -> Client:
    return signed_in(cast.charlie)


@pytest.fixture
def pat(cast: Cast) -> Client:
    return signed_in(cast.pat)
