"""All processes share a provider's limits: its rate limit, one change at a time, a pause where it does not answer."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from engine.models import StepState
from integrations import http, turns
from integrations.errors import IntegrationError, Queued, Transient
from integrations.http import Call
from integrations.models import Place, ProviderLimit
from integrations.source import source
from integrations.throttle import FAILURE_THRESHOLD, Throttle
from tests.journey.conftest import World
from tests.journey.engine import step

GITHUB = "/github/api/"


@pytest.fixture
def new_process(world: World) -> Iterator[Callable[..., Throttle]]:
    """Each call replaces the throttle, as another process would: it knows only what the database says."""

    def process(**spacings: float) -> Throttle:
        new_throttle = Throttle(spacings)
        http.set_gate(new_throttle)
        return new_throttle

    process()
    yield process
    http.set_gate(None)


def requests_to_github(world: World) -> int:
    return sum(request["path"].startswith(GITHUB) for request in world.sandbox.requests(provider="github"))


@pytest.mark.fault(9, "429 with retry-after")
def test_a_rate_limit_hit_by_one_run_pauses_all_runs(world: World, new_process: Callable[..., Throttle]) -> None:
    first, second = (world.start(world.actors.repository()) for _ in range(2))
    world.engine.limit_to("access")
    world.sandbox.fault("rate-limit", GITHUB, seconds=600, times=1)
    world.engine.drain()
    steps = [step(run, "access") for run in (first, second)]
    assert {step.state for step in steps} == {StepState.WAITING}
    assert all("rate limit" in step.reason.lower() for step in steps)
    new_process()
    world.sandbox.forget_requests()
    world.engine.poll()
    assert requests_to_github(world) == 0, "nothing is sent before the pause is over"
    ProviderLimit.objects.update(paused_until=None)
    new_process()
    world.engine.poll()
    assert {step(run, "access").state for run in (first, second)} == {StepState.DONE}


def test_a_provider_that_does_not_answer_is_paused(world: World, new_process: Callable[..., Throttle]) -> None:
    host = source()
    world.sandbox.fault("error-before", GITHUB, status=503)
    for _ in range(FAILURE_THRESHOLD):
        with pytest.raises(Transient):
            host.ready()
    world.sandbox.forget_requests()
    new_process()
    with pytest.raises(Transient, match="requests are paused") as refused:
        host.ready()
    assert refused.value.refused
    assert refused.value.retry_after is None, "a long outage still becomes a blocker"
    assert requests_to_github(world) == 0
    world.sandbox.behave()
    ProviderLimit.objects.update(paused_until=None)
    new_process()
    host.ready()
    assert ProviderLimit.objects.get(name="github").failures == 0


def test_a_refusal_is_not_a_failure(world: World, new_process: Callable[..., Throttle]) -> None:
    for _ in range(FAILURE_THRESHOLD + 1):
        with pytest.raises(IntegrationError):
            source().repository("acme/nowhere")
    assert not ProviderLimit.objects.filter(failures__gt=0)


def test_changes_of_all_processes_happen_one_at_a_time(world: World, new_process: Callable[..., Throttle]) -> None:
    spacing, slow, times = 0.2, 0.3, []

    def change() -> None:
        limits = Throttle({"github": spacing})
        limits.enter("github", changes=True)
        began = time.monotonic()
        time.sleep(slow)  # a call that takes longer than the spacing
        times.append((began, time.monotonic()))
        limits.leave("github", Call("github", "POST", "", sent=True, status=201))
        connection.close()

    threads = [threading.Thread(target=change) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    assert len(times) == 5
    for (_, ended), (began, _) in itertools.pairwise(times):
        assert began >= ended, "two changes at the same time"
    Throttle({"github": spacing}).enter("github", changes=False)  # a read does not wait


def test_the_change_of_a_dead_process_blocks_others_no_longer_than_a_call(
    world: World, new_process: Callable[..., Throttle]
) -> None:
    Throttle({"github": 0.01}).enter("github", changes=True)
    ProviderLimit.objects.update(busy_until=Now())
    Throttle({"github": 0.01}).enter("github", changes=True)


def test_a_change_that_would_wait_long_is_queued(world: World, new_process: Callable[..., Throttle]) -> None:
    crowded = Throttle({"github": turns.MAX_WAIT + 1})
    crowded.enter("github", changes=True)
    with pytest.raises(Queued, match="one at a time") as refused:
        crowded.enter("github", changes=True)
    assert refused.value.refused
    assert refused.value.retry_after >= turns.MAX_WAIT


def test_a_queued_step_has_not_failed(world: World, new_process: Callable[..., Throttle]) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("access")
    new_process(github=0.01)
    crowd = [in_line("github") for _ in range(turns.LINE)]
    for _ in range(3):
        world.engine.poll()
        waiting = step(run, "access")
        assert (waiting.state, waiting.failures, waiting.attempt) == (StepState.WAITING, 0, 1)
        assert waiting.reason.startswith("Waiting for its turn. GitHub: changes there happen one at a time")
    for place in crowd:
        place.delete()
    world.engine.poll()
    assert step(run, "access").state == StepState.DONE
    assert [attempt.outcome for attempt in step(run, "access").attempts.all()] == ["done"]


def in_line(provider: str) -> Place:
    """The place of somebody who waits in place for a minute."""
    until = Now() + timedelta(minutes=1)
    return Place.objects.create(provider=provider, number=0, present_until=until, kept_until=until)


@pytest.mark.fault(9, "429 with retry-after")
def test_a_pause_that_was_requested_lasts_as_long_as_it_was_requested_for(
    world: World, new_process: Callable[..., Throttle]
) -> None:
    """Answers to requests that were sent before it arrive during the pause."""
    throttle = new_process()

    def answered(status: int | None, pause: float | None = None) -> None:
        throttle.leave("github", Call("github", "GET", "", sent=True, status=status, pause=pause))

    answered(503)
    answered(429, pause=600)
    requested = ProviderLimit.objects.get(name="github")
    answered(429, pause=1)
    for status in (503,) * (FAILURE_THRESHOLD + 1) + (200, None, 200):
        answered(status)
    limit = ProviderLimit.objects.get(name="github")
    assert (limit.paused_until, limit.requested) == (requested.paused_until, True)
    with pytest.raises(Transient, match="rate limit") as refused:
        new_process().enter("github", changes=False)
    assert (refused.value.retry_after or 0) > 500, "a wait with a known end, and no outage"
