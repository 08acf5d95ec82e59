"""A provider, and the network on the way to it, do everything that they can do wrong: by a proxy before a real server."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from pydantic import SecretStr

from integrations import http
from integrations.cluster.kubernetes import Kubernetes
from integrations.cluster.kubernetes import Options as KubernetesOptions
from integrations.errors import Denied, IntegrationError, Transient
from integrations.issues.jira import Jira
from integrations.issues.jira import Options as JiraOptions
from integrations.source.github import GitHub
from integrations.source.github import Options as GitHubOptions
from onboarding.engine import effects, points, waking, work
from onboarding.engine.points import Point
from onboarding.models import Effect, EffectState, Step, StepState
from tests.faults import shelf
from tests.faults.proxy import Fault, FaultProxy, standing_before
from tests.faults.shelf import Shelf
from tests.faults.tls import tls_answering
from tests.integrations.answering import answering

PATIENCE = 0.5
"""Seconds for an exchange with somebody who never ends."""
SECRET = SecretStr("0123456789")


@pytest.fixture
def outside() -> Iterator[Shelf]:
    with shelf.standing() as made:
        yield made


@pytest.fixture
def proxy(outside: Shelf) -> Iterator[FaultProxy]:
    with standing_before(outside.port) as made:
        outside.url = f"http://127.0.0.1:{made.port}"
        yield made


@pytest.mark.parametrize(
    ("fault", "happened"),
    [
        pytest.param(Fault.RESET, False),
        pytest.param(Fault.BLACK_HOLE, False, marks=pytest.mark.fault(9, "black hole")),
        pytest.param(Fault.SWALLOW, True, marks=pytest.mark.fault(9, "did it and then reset")),
        pytest.param(Fault.SILENCE, True, marks=pytest.mark.fault(9, "did it and then time-out")),
        pytest.param(Fault.HALF, True, marks=pytest.mark.fault(9, "half a body")),
        pytest.param(Fault.DRIP, True, marks=pytest.mark.fault(9, "slow drip")),
        pytest.param(Fault.SLICE, True),
    ],
)
def test_one_thing_whatever_becomes_of_the_answer(
    committed: None, outside: Shelf, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, fault: Fault, happened: bool
) -> None:
    """It strikes the call that has the effect, once."""
    monkeypatch.setattr(http, "TIMEOUT", PATIENCE)
    run = shelf.begin()

    def strike(point: Point, step: Step) -> None:
        if point is Point.INTENDED:
            points._listeners.clear()
            proxy.arm(fault, times=1)

    points.on_reached(strike)
    for _, step in waking.overdue():
        work.carry(step)
    assert sum(outside.things.values()) == happened
    put = run.steps.get(name="put")
    if fault is not Fault.SLICE:
        assert (put.state, Effect.objects.get().state) == (StepState.WAITING, EffectState.INTENDED), put.reason
    time_passes()
    for _, step in waking.overdue():
        work.carry(step)
    shelf.once_each(outside, [run])
    assert Effect.objects.get().tries == (1 if happened else 2), "what had happened was found"


def time_passes() -> None:
    Step.objects.filter(state=StepState.WAITING).update(due_at=Now())
    Effect.objects.update(tried_at=F("tried_at") - 2 * effects.SETTLE)


def github(url: str) -> Any:
    options = GitHubOptions(api_url=url, web_url=url, token=SECRET, webhook_secret=SECRET, spacing=0)
    return GitHub(options).create_hook("acme/shop", "https://us")


def jira(url: str) -> Any:
    return Jira(JiraOptions(url=url, token=SECRET, webhook_secret=SECRET)).comment("1", "hello")


def kubernetes(url: str) -> Any:
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    return Kubernetes(KubernetesOptions(api_url=url, token=SECRET)).apply(manifest)


PROVIDERS = pytest.mark.parametrize("change", [github, jira, kubernetes])
Change = Callable[[str], Any]
BODY = '{"id": "1", "metadata": {"uid": "1"}, "body": "hello", "created": "2026-01-01T00:00:00.000+0000"}'


def refused(change: Change, url: str, patience: float = PATIENCE) -> IntegrationError:
    """Everything that goes wrong is an error of ours."""
    with http.until(time.monotonic() + patience), pytest.raises(IntegrationError) as failed:
        change(url)
    return failed.value


@PROVIDERS
@pytest.mark.fault(9, "black hole", "slow drip", "half a body")
@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SWALLOW, Fault.BLACK_HOLE, Fault.SILENCE, Fault.HALF, Fault.DRIP])
def test_each_client_asks_once_and_leaves_open_what_became_of_it(change: Change, fault: Fault) -> None:
    with answering(BODY, 201) as url, standing_before(int(url.rpartition(":")[2])) as proxy, http.recording() as calls:
        proxy.arm(fault)
        error = refused(change, f"http://127.0.0.1:{proxy.port}")
    assert not error.refused, "it may have been done: whoever asked looks"
    assert len(calls) == proxy.connections == 1


@PROVIDERS
@pytest.mark.fault(9, "invalid JSON")
@pytest.mark.parametrize("body", ["", "{", "<html>Bad gateway</html>", "[]", '"yes"', "null", "\x00", "{}"])
def test_an_answer_that_nobody_understands_may_have_been_a_yes(change: Change, body: str) -> None:
    with answering(body, 201) as url:
        if change is kubernetes and body == "{}":
            change(url)  # an object without a name is what an old server may answer
        else:
            assert not refused(change, url, 5).refused


@PROVIDERS
@pytest.mark.fault(9, "redirect loop")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_itself_ends(change: Change, status: int) -> None:
    with answering("{}", status, Location="/again") as url, http.recording() as calls:
        refused(change, url, 5)
    assert 1 <= len(calls) <= 5


@PROVIDERS
@pytest.mark.fault(9, "DNS error")
def test_a_name_that_nobody_has(change: Change) -> None:
    assert isinstance(refused(change, "http://nowhere.invalid", 5), Transient)


@pytest.mark.fault(9, "DNS error")
def test_a_name_that_is_told_too_late_is_not_used(outside: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a name is looked up there is no connection that could be cut; what follows must not be sent all the same."""
    ask = socket.getaddrinfo

    def slowly(*args: Any, **kwargs: Any) -> Any:
        time.sleep(2 * PATIENCE)
        return ask(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with http.until(time.monotonic() + PATIENCE), pytest.raises(Transient):
        http.session("shelf").post(f"http://localhost:{outside.port}/late")
    assert not outside.things, "the fence of this try is over"


@PROVIDERS
@pytest.mark.fault(9, "TLS error")
def test_a_certificate_that_nobody_vouches_for(change: Change) -> None:
    with tls_answering() as url:
        assert isinstance(refused(change, url, 5), Transient)


LIMITED = '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}'


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        pytest.param(429, {"retry_after": "7"}, 7, marks=pytest.mark.fault(9, "429 with retry-after")),
        pytest.param(429, {}, 60, marks=pytest.mark.fault(9, "429 without retry-after")),
        pytest.param(403, {"retry_after": "7"}, 7, marks=pytest.mark.fault(9, "403 with retry-after")),
        pytest.param(403, {}, 60, marks=pytest.mark.fault(9, "403 without retry-after")),
    ],
)
def test_a_limit_is_a_pause_for_everybody_and_nothing_was_done(status: int, headers: dict[str, str], wait: int) -> None:
    with answering(LIMITED, status, **headers) as url, http.recording() as calls:
        error = refused(github, url, 5)
    assert isinstance(error, Transient)
    assert (error.retry_after, error.refused) == (wait, True)
    assert [call.pause for call in calls] == [wait], "the lane hears of it"


@pytest.mark.fault(9, "403 without retry-after")
def test_a_plain_refusal_is_no_limit() -> None:
    with answering('{"message": "Resource not accessible by integration"}', 403) as url, http.recording() as calls:
        assert isinstance(refused(github, url, 5), Denied)
    assert calls[0].pause is None
