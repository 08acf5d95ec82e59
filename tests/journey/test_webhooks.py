"""Webhooks end waits at once: really delivered and verified, without polling."""

import time
from collections.abc import Callable

import pytest
from pytest_django.live_server_helper import LiveServer

from engine.models import RunState, StepState
from events.models import WebhookDelivery
from integrations.issues import issues
from tests.journey.actors import PLENTY
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step


@pytest.fixture
def reachable_world(busy_world: World, live_server: LiveServer) -> World:
    """A world whose webhooks reach Onramp."""
    settings = busy_world.settings
    settings.ENV = settings.ENV.model_copy(update={"portal_url": live_server.url})
    return busy_world


def wait_for_delivery(matches: Callable[[WebhookDelivery], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if any(matches(delivery) for delivery in WebhookDelivery.objects.filter(handled_at=None)):
            return
        time.sleep(0.05)
    deliveries = [
        f"{delivery} {delivery.headers} handled {delivery.handled_at}" for delivery in WebhookDelivery.objects.all()
    ]
    raise AssertionError(f"no such webhook arrived within {seconds:g} s, only {deliveries}")


def test_closing_the_ticket_ends_the_wait(reachable_world: World) -> None:
    world = reachable_world
    issues().ensure_webhook(f"{world.settings.ENV.portal_url}/events/jira/")
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.drain()
    assert step(run, "namespace").state == StepState.BLOCKED, "no webhook has reported it yet"
    world.actors.press(blocker.ticket_key, "done")
    wait_for_delivery(lambda delivery: delivery.source == "jira" and b'"Done"' in delivery.content)
    world.engine.drain()
    assert step(run, "namespace").state == StepState.DONE


@pytest.mark.fault(10, "closes the pull request")
def test_closing_the_pull_request_declines_the_onboarding(reachable_world: World) -> None:
    world = reachable_world
    name = world.actors.repository()
    run = world.start(name)
    world.engine.limit_to("build")
    world.engine.drain()
    assert step(run, "build").state == StepState.WAITING
    (pull,) = world.actors.pulls(name)
    world.actors.github("PATCH", f"/repos/{name}/pulls/{pull['number']}", {"state": "closed"})
    wait_for_delivery(
        lambda delivery: delivery.headers.get("x-github-event") == "pull_request" and b'"closed"' in delivery.content
    )
    world.engine.drain()
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    assert "closed without being merged" in step(run, "build").reason
