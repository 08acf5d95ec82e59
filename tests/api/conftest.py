"""The API in tests: callers of every role, and no notifier."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import ApiToken, Person
from engine import registry
from tests.api.client import Caller
from tests.conftest import Cast
from tests.plan.world import configured, world
from tests.sandbox.process import behaving, sandbox

__all__ = ["behaving", "configured", "sandbox", "world"]


@pytest.fixture(autouse=True)
def _no_notifier() -> Iterator[None]:
    notifier = list(registry._notifier)
    registry._notifier.clear()
    yield
    registry._notifier[:] = notifier


def caller(person: Person, *, writes: bool = True) -> Caller:
    return Caller(ApiToken.issue(person, "a script", writes=writes)[1])


@pytest.fixture
def callers(cast: Cast) -> dict[str, Caller]:
    """Callers of every role, as seen from Alice's team."""
    expired, value = ApiToken.issue(cast.alice, "an old script")
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    gone = Person.objects.create_user("gone", is_active=False)
    return {
        "owner": caller(cast.alice),
        "teammate": caller(cast.bob),
        "outsider": caller(cast.charlie),
        "platform": caller(cast.pat),
        "anonymous": Caller(),
        "expired": Caller(value),
        "invented": Caller("onramp_invented"),
        "gone": caller(gone),
        "reader": caller(cast.alice, writes=False),
    }
