"""The API in tests: callers of every role, and no bell."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import ApiToken, Person
from onboarding.engine import registry
from tests.api.client import Caller
from tests.conftest import Cast
from tests.plan.world import configured, world
from tests.sandbox.process import behaving, sandbox

__all__ = ["behaving", "configured", "sandbox", "world"]


@pytest.fixture(autouse=True)
def _no_bell() -> Iterator[None]:
    bell = list(registry._bell)
    registry._bell.clear()
    yield
    registry._bell[:] = bell


def caller(person: Person, *, writes: bool = True) -> Caller:
    return Caller(ApiToken.issue(person, "a script", writes=writes)[1])


@pytest.fixture
def callers(cast: Cast) -> dict[str, Caller]:
    """Everybody who may come: Alice's things are asked for."""
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
