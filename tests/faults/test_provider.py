"""Everything that can go wrong with a provider and with the network on the way to it, by a proxy to a real server."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from pydantic import SecretStr

from engine import effects, execution, failpoints, waking
from engine.failpoints import Failpoint
from engine.models import Effect, EffectState, Step, StepState
from integrations import http
from integrations.cluster.kubernetes import Kubernetes
from integrations.cluster.kubernetes import Options as KubernetesOptions
from integrations.errors import Denied, IntegrationError, Transient
from integrations.issues.jira import Jira
from integrations.issues.jira import Options as JiraOptions
from integrations.source.github import GitHub
from integrations.source.github import Options as GitHubOptions
from tests.faults import fake_provider
from tests.faults.fake_provider import FakeProvider
from tests.faults.proxy import Fault, FaultProxy, proxy_to
from tests.faults.tls import self_signed_server
from tests.integrations.answering import answering

PATIENCE = 0.5
"""Seconds for an exchange with a provider that never finishes its answer."""
SECRET = SecretStr("0123456789")


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with fake_provider.serving() as provider:
        yield provider


@pytest.fixture
def proxy(provider: FakeProvider) -> Iterator[FaultProxy]:
    """Between the product and the provider."""
    with proxy_to(provider.port) as proxy:
        provider.url = f"http://127.0.0.1:{proxy.port}"
        yield proxy


@pytest.mark.parametrize(
    ("fault", "arrives"),
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
def test_one_object_is_created_whatever_happens_to_the_answer(
    committed: None,
    provider: FakeProvider,
    proxy: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    arrives: bool,
) -> None:
    """The fault strikes the call that has the effect, once."""
    monkeypatch.setattr(http, "TIMEOUT", PATIENCE)
    run = fake_provider.start_run()

    def strike(point: Failpoint, step: Step) -> None:
        if point is Failpoint.INTENDED:
            failpoints._listeners.clear()
            proxy.arm(fault, times=1)

    failpoints.subscribe(strike)
    for _, step_id in waking.overdue():
        execution.drain(step_id)
    assert sum(provider.objects.values()) == arrives
    create = run.steps.get(name="create")
    if fault is not Fault.SLICE:
        assert (create.state, Effect.objects.get().state) == (StepState.WAITING, EffectState.INTENDED), create.reason
    pass_time()
    for _, step_id in waking.overdue():
        execution.drain(step_id)
    fake_provider.assert_each_done_once(provider, [run])
    assert Effect.objects.get().tries == (1 if arrives else 2), "an object that exists is found"


def pass_time() -> None:
    Step.objects.filter(state=StepState.WAITING).update(due_at=Now())
    Effect.objects.update(tried_at=F("tried_at") - 2 * effects.VISIBLE_AFTER)


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


def error_of(change: Change, url: str, patience: float = PATIENCE) -> IntegrationError:
    """The error of this change; the test fails where it is not one of ours."""
    with http.deadline(time.monotonic() + patience), pytest.raises(IntegrationError) as failed:
        change(url)
    return failed.value


@PROVIDERS
@pytest.mark.fault(9, "black hole", "slow drip", "half a body")
@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SWALLOW, Fault.BLACK_HOLE, Fault.SILENCE, Fault.HALF, Fault.DRIP])
def test_each_client_sends_a_change_once_and_leaves_its_outcome_open(change: Change, fault: Fault) -> None:
    with answering(BODY, 201) as url, proxy_to(int(url.rpartition(":")[2])) as proxy, http.recording() as calls:
        proxy.arm(fault)
        error = error_of(change, f"http://127.0.0.1:{proxy.port}")
    assert not error.refused, "it may have been done: the engine must find out"
    assert len(calls) == proxy.connections == 1


@PROVIDERS
@pytest.mark.fault(9, "invalid JSON")
@pytest.mark.parametrize("body", ["", "{", "<html>Bad gateway</html>", "[]", '"yes"', "null", "\x00", "{}"])
def test_an_answer_that_cannot_be_parsed_may_be_a_success(change: Change, body: str) -> None:
    with answering(body, 201) as url:
        if change is kubernetes and body == "{}":
            change(url)  # an old server may answer with an object that has no name
        else:
            assert not error_of(change, url, 5).refused


@PROVIDERS
@pytest.mark.fault(9, "redirect loop")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_loop_ends(change: Change, status: int) -> None:
    with answering("{}", status, Location="/again") as url, http.recording() as calls:
        error_of(change, url, 5)
    assert 1 <= len(calls) <= 5


@PROVIDERS
@pytest.mark.fault(9, "DNS error")
def test_a_host_name_that_does_not_exist_is_transient(change: Change) -> None:
    assert isinstance(error_of(change, "http://nowhere.invalid", 5), Transient)


@pytest.mark.fault(9, "DNS error")
def test_nothing_is_sent_after_a_host_name_was_resolved_too_late(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """During the look-up there is no connection to cut off, but the request must not be sent afterwards."""
    resolve = socket.getaddrinfo

    def slowly(*args: Any, **kwargs: Any) -> Any:
        time.sleep(2 * PATIENCE)
        return resolve(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with http.deadline(time.monotonic() + PATIENCE), pytest.raises(Transient):
        http.session("fake").post(f"http://localhost:{provider.port}/late")
    assert not provider.objects, "the time of this try is over"


@PROVIDERS
@pytest.mark.fault(9, "TLS error")
def test_a_self_signed_certificate_is_refused(change: Change) -> None:
    with self_signed_server() as url:
        assert isinstance(error_of(change, url, 5), Transient)


RATE_LIMITED = (
    '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}'
)


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        pytest.param(429, {"retry_after": "7"}, 7, marks=pytest.mark.fault(9, "429 with retry-after")),
        pytest.param(429, {}, 60, marks=pytest.mark.fault(9, "429 without retry-after")),
        pytest.param(403, {"retry_after": "7"}, 7, marks=pytest.mark.fault(9, "403 with retry-after")),
        pytest.param(403, {}, 60, marks=pytest.mark.fault(9, "403 without retry-after")),
    ],
)
def test_a_rate_limit_pauses_every_call_and_had_no_effect(status: int, headers: dict[str, str], wait: int) -> None:
    with answering(RATE_LIMITED, status, **headers) as url, http.recording() as calls:
        error = error_of(github, url, 5)
    assert isinstance(error, Transient)
    assert (error.retry_after, error.refused) == (wait, True)
    assert [call.pause for call in calls] == [wait], "the throttle knows of the pause"


@pytest.mark.fault(9, "403 without retry-after")
def test_a_missing_permission_is_no_rate_limit() -> None:
    with answering('{"message": "Resource not accessible by integration"}', 403) as url, http.recording() as calls:
        assert isinstance(error_of(github, url, 5), Denied)
    assert calls[0].pause is None
