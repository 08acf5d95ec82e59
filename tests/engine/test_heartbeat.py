"""A lease is renewed while the step's code runs, and no longer."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import claims, heartbeat, lease
from engine.models import Step
from tests.engine.conftest import Diamond

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = 0.9


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heartbeat that was started before would sleep for the third of a lease of ordinary length."""
    monkeypatch.setattr(lease, "LEASE", timedelta(seconds=LEASE))
    monkeypatch.setattr(heartbeat, "_heartbeat", [])


def wait_until(condition: Callable[[], object], description: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, description
        time.sleep(0.05)


def test_a_lease_does_not_expire_within_the_block(short_lease: None, diamond: Diamond) -> None:
    step = diamond.claim(diamond.start(), "first")
    with heartbeat.heartbeat(step):
        for _ in range(5):
            time.sleep(LEASE / 2)
            assert claims.claim(step.pk) is None
    assert lease.held(step).exists()


def test_a_lease_expires_after_the_block(short_lease: None, diamond: Diamond) -> None:
    step = diamond.claim(diamond.start(), "first")
    with heartbeat.heartbeat(step):
        pass
    wait_until(lambda: claims.claim(step.pk), "the lease to expire")
    assert not lease.held(step).exists()


def test_a_step_that_was_lost_is_no_longer_renewed(short_lease: None, diamond: Diamond) -> None:
    step = diamond.claim(diamond.start(), "first")
    with heartbeat.heartbeat(step):
        (current,) = heartbeat._heartbeat
        assert list(current.steps.values()) == [step]
        Step.objects.filter(pk=step.pk).update(epoch=step.epoch + 1)
        wait_until(lambda: not current.steps, "the heartbeat to see that the step was lost")


def test_an_error_of_the_database_does_not_end_the_heartbeat(
    short_lease: None, diamond: Diamond, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    step = diamond.claim(diamond.start(), "first")
    renewed: list[Step] = []

    def renew(step: Step) -> None:
        renewed.append(step)
        if len(renewed) == 1:
            raise ConnectionError("the database is away")

    monkeypatch.setattr(lease, "renew", renew)
    with heartbeat.heartbeat(step):
        wait_until(lambda: len(renewed) >= 2, "a second renewal")
    assert "could not renew the lease" in caplog.text
