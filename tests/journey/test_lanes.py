"""One lane a provider for all processes: pauses that it asks for, turns among changes, a rest where it does not answer."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.db.models.functions import Now

from integrations import http, providers
from integrations.errors import InLine, IntegrationError, Transient
from integrations.http import Call
from onboarding import lanes
from onboarding.lanes import ENOUGH, Lanes
from onboarding.models import Lane, StepState
from tests.journey.conftest import World
from tests.journey.engine import step

GITHUB = "/github/api/"


@pytest.fixture
def gate(world: World) -> Iterator[Callable[[], Lanes]]:
    """Another process, each time it is called: it knows nothing but what the database says."""

    def process(**spacings: float) -> Lanes:
        made = Lanes(spacings)
        http.keep_gate(made)
        return made

    process()
    yield process
    http.keep_gate(None)


def asked(world: World) -> int:
    return len([one for one in world.sandbox.requests(provider="github") if one["path"].startswith(GITHUB)])


@pytest.mark.fault(9, "429 with retry-after")
def test_a_rate_limit_that_one_run_meets_is_obeyed_by_all(world: World, gate: Callable[[], Lanes]) -> None:
    first, second = (world.start(world.hands.repository()) for _ in range(2))
    world.engine.only("access")
    world.sandbox.fault("rate-limit", GITHUB, seconds=600, times=1)
    world.engine.go()
    steps = [step(run, "access") for run in (first, second)]
    assert {one.state for one in steps} == {StepState.WAITING}
    assert all("rate limit" in one.reason.lower() for one in steps)
    gate()
    world.sandbox.forget_requests()
    world.engine.look()
    assert asked(world) == 0, "nobody asks before the pause is over"
    Lane.objects.update(closed_until=None)
    gate()
    world.engine.look()
    assert {step(run, "access").state for run in (first, second)} == {StepState.DONE}


def test_who_does_not_answer_is_left_alone_for_a_while(world: World, gate: Callable[[], Lanes]) -> None:
    source = providers.provider("source")
    world.sandbox.fault("error-before", GITHUB, status=503)
    for _ in range(ENOUGH):
        with pytest.raises(Transient):
            source.ready()
    world.sandbox.forget_requests()
    gate()
    with pytest.raises(Transient, match="left alone") as refused:
        source.ready()
    assert refused.value.refused
    assert refused.value.retry_after is None, "being down for long still becomes a cause"
    assert asked(world) == 0
    world.sandbox.behave()
    Lane.objects.update(closed_until=None)
    gate()
    source.ready()
    assert Lane.objects.get(name="github").failures == 0


def test_an_answer_that_says_no_is_no_failure(world: World, gate: Callable[[], Lanes]) -> None:
    for _ in range(ENOUGH + 1):
        with pytest.raises(IntegrationError):
            providers.provider("source").repository("acme/nowhere")
    assert not Lane.objects.filter(failures__gt=0)


def test_changes_go_one_after_the_other_whoever_makes_them(world: World, gate: Callable[..., Lanes]) -> None:
    spacing, slow, times = 0.2, 0.3, []

    def change() -> None:
        lane = Lanes({"github": spacing})
        lane.enter("github", changes=True)
        began = time.monotonic()
        time.sleep(slow)  # a call that takes longer than its turn
        times.append((began, time.monotonic()))
        lane.leave("github", Call("github", "POST", "", status=201))
        connection.close()

    threads = [threading.Thread(target=change) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    assert len(times) == 5
    for (_, ended), (began, _) in itertools.pairwise(times):
        assert began >= ended, "two changes at once"
    Lanes({"github": spacing}).enter("github", changes=False)  # a question waits for nobody


def test_who_died_in_the_middle_of_a_change_is_not_waited_for_longer_than_a_call(
    world: World, gate: Callable[..., Lanes]
) -> None:
    Lanes({"github": 0.01}).enter("github", changes=True)
    Lane.objects.update(busy_until=Now())
    Lanes({"github": 0.01}).enter("github", changes=True)


def test_who_would_wait_long_comes_again(world: World, gate: Callable[..., Lanes]) -> None:
    crowded = Lanes({"github": lanes.LONGEST_TURN + 1})
    crowded.enter("github", changes=True)
    with pytest.raises(InLine, match="one after the other") as refused:
        crowded.enter("github", changes=True)
    assert refused.value.refused
    assert refused.value.retry_after >= lanes.LONGEST_TURN


def test_who_stands_in_line_has_not_failed(world: World, gate: Callable[..., Lanes]) -> None:
    run = world.start(world.hands.repository())
    world.engine.only("access")
    crowded = gate(github=lanes.LONGEST_TURN + 1)
    crowded.enter("github", changes=True)
    crowded.leave("github", Call("github", "POST", "", status=201))
    for _ in range(3):
        world.engine.look()
        waiting = step(run, "access")
        assert (waiting.state, waiting.failures, waiting.attempt) == (StepState.WAITING, 0, 1)
        assert waiting.reason.startswith("Waiting for its turn. GitHub: changes there go one after the other")
    gate()
    world.engine.look()
    assert step(run, "access").state == StepState.DONE
    assert [one.outcome for one in step(run, "access").attempts.all()] == ["done"]
