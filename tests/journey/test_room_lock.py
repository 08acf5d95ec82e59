"""The lock around a team's room is a lease: who stands still with it holds nobody up for longer."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from catalog.models import Team
from onboarding.engine import hold
from onboarding.steps import namespace
from tests.journey.conftest import World


def test_who_stands_still_loses_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "LEASE", timedelta(seconds=0.5))
    team = Team.objects.get(slug="storefront")
    held, others_had_it = threading.Event(), threading.Event()
    ended: list[BaseException | None] = []

    def stand_still() -> None:
        try:
            with namespace._one_at_a_time(team):
                held.set()
                ended.append(None if others_had_it.wait(10) else TimeoutError())
        except OperationalError as error:
            ended.append(error)
        finally:
            connection.close()

    frozen = threading.Thread(target=stand_still)
    frozen.start()
    assert held.wait(10)
    with namespace._one_at_a_time(team):
        others_had_it.set()
    frozen.join(10)
    kinds = [type(one) for one in ended]
    assert kinds == [type(None), OperationalError], "it had not come to its end, and its session was gone"
