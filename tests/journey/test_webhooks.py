"""Webhooks end waits at once: delivered for real, verified, and looked into; without a poll."""

import time
from collections.abc import Callable

import pytest
from pytest_django.live_server_helper import LiveServer

from events.models import Delivery
from integrations import providers
from onboarding.models import RunState, StepState
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step
from tests.journey.hands import PLENTY


@pytest.fixture
def heard(busy_world: World, live_server: LiveServer) -> World:
    """The world with a door for webhooks."""
    world = busy_world
    world.settings.ENV = world.settings.ENV.model_copy(update={"portal_url": live_server.url})
    return world


def arrived(kind: Callable[[Delivery], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if any(kind(one) for one in Delivery.objects.filter(handled_at=None)):
            return
        time.sleep(0.05)
    seen = [f"{one} {one.headers} handled {one.handled_at}" for one in Delivery.objects.all()]
    raise AssertionError(f"nothing of that kind arrived within {seconds:g} s, but {seen}")


def test_closing_the_ticket_ends_the_wait(heard: World) -> None:
    providers.provider("issues").ensure_webhook(f"{heard.settings.ENV.portal_url}/events/jira/")
    (run,) = heard.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    heard.hands.grant("storefront", PLENTY)
    heard.engine.go()
    assert step(run, "namespace").state == StepState.BLOCKED, "nothing told of it yet"
    heard.hands.press(cause.ticket_key, "done")
    arrived(lambda one: one.source == "jira" and b'"Done"' in bytes(one.body))
    heard.engine.go()
    assert step(run, "namespace").state == StepState.DONE


@pytest.mark.fault(10, "closes the pull request")
def test_closing_the_pull_request_declines_the_onboarding(heard: World) -> None:
    name = heard.hands.repository()
    run = heard.start(name)
    heard.engine.only("build")
    heard.engine.go()
    assert step(run, "build").state == StepState.WAITING
    (pull,) = heard.hands.pulls(name)
    heard.hands.github("PATCH", f"/repos/{name}/pulls/{pull['number']}", {"state": "closed"})
    arrived(lambda one: one.headers.get("x-github-event") == "pull_request" and b'"closed"' in bytes(one.body))
    heard.engine.go()
    run.run.refresh_from_db()
    assert run.run.state == RunState.REFUSED
    assert "closed without being merged" in step(run, "build").reason
