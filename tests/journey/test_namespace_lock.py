"""The lock of a team's namespace is a lease: a worker that hangs with it delays others no longer than that."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from catalog.models import Team
from engine import lease
from onboarding.steps import namespace
from tests.journey.conftest import World


def test_a_worker_that_hangs_loses_the_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LEASE", timedelta(seconds=0.5))
    team = Team.objects.get(slug="storefront")
    held, held_by_another = threading.Event(), threading.Event()
    outcomes: list[BaseException | None] = []

    def hang() -> None:
        try:
            with namespace._exclusive(team):
                held.set()
                outcomes.append(None if held_by_another.wait(10) else TimeoutError())
        except OperationalError as error:
            outcomes.append(error)
        finally:
            connection.close()

    hanging = threading.Thread(target=hang)
    hanging.start()
    assert held.wait(10)
    with namespace._exclusive(team):
        held_by_another.set()
    hanging.join(10)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [type(None), OperationalError], (
        "the other got the lock first, and the hanging worker's session was closed"
    )
