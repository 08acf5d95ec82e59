"""Prometheus as provider of *metrics*, against the sandbox's and a server that answers nonsense."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from integrations import http
from integrations.errors import Denied, Invalid, Transient
from integrations.metrics import Metrics
from integrations.metrics.prometheus import Options, Prometheus
from tests.integrations.answering import answering
from tests.sandbox.process import Sandbox, recorded

POD = {"namespace": "storefront", "pod": "greeter-5d4f9c7b8-x2x4z", "container": "greeter"}


@pytest.fixture
def metrics(behaving: Sandbox) -> Prometheus:
    return Prometheus(Options(url=f"{behaving.url}/prometheus"))


@contextmanager
def saying(body: str, status: int = 200) -> Iterator[Prometheus]:
    with answering(body, status) as url:
        yield Prometheus(Options(url=url, token=SecretStr("sesame-token")))


def test_it_keeps_the_promise_and_only_reads(metrics: Prometheus) -> None:
    kept: Metrics = metrics
    with http.reading(), http.recording() as calls:
        kept.ready()
        assert kept.sample("storefront", "never-heard-of", own=True) is None
    assert {call.method for call in calls} == {"GET"}


def test_own_series_and_container_metrics_are_told_apart(behaving: Sandbox, metrics: Prometheus) -> None:
    recorded(behaving, "container_cpu_usage_seconds_total", POD, 1.5)
    recorded(behaving, "up", POD, 1)
    assert metrics.sample("storefront", "greeter", own=True) is None
    cluster = metrics.sample("storefront", "greeter", own=False)
    assert cluster
    assert (cluster.name, cluster.series) == ("container_cpu_usage_seconds_total", 1)
    recorded(behaving, "greeter_requests_total", POD, 3)
    recorded(behaving, "greeter_requests_total", POD | {"pod": "greeter-5d4f9c7b8-aaaaa"}, 3)
    own = metrics.sample("storefront", "greeter", own=True)
    assert own
    assert (own.name, own.series) == ("greeter_requests_total", 2)
    assert abs(own.at.timestamp() - time.time()) < 60


def test_another_application_is_never_taken_for_it(behaving: Sandbox, metrics: Prometheus) -> None:
    recorded(behaving, "shop_pages", POD | {"pod": "shop-web-66d5f8f4c-abcde"}, 1)
    recorded(behaving, "other_total", POD | {"namespace": "payments", "pod": "shop-66d5f8f4c-abcde"}, 1)
    assert metrics.sample("storefront", "shop", own=True) is None
    assert metrics.sample("storefront", "shop-web", own=True)


def test_a_sample_of_an_hour_ago_is_none(behaving: Sandbox, metrics: Prometheus) -> None:
    recorded(behaving, "old_total", POD | {"pod": "old-66d5f8f4c-abcde"}, 1, ago=1200)
    assert metrics.sample("storefront", "old", own=True) is None


def test_the_link_leads_to_a_page_with_the_query(behaving: Sandbox, metrics: Prometheus) -> None:
    link = metrics.link("storefront", "greeter")
    with http.session("test") as session:
        page = session.get(link).text
    assert "greeter-[a-z0-9]+-[a-z0-9]+" in page
    elsewhere = Prometheus(Options(url="http://127.0.0.1:1", web_url="https://metrics.acme.example/"))
    assert elsewhere.link("a", "b").startswith("https://metrics.acme.example/graph?g0.expr=%7Bnamespace%3D%22a%22")


@pytest.mark.parametrize("name", ['x"} or up{a="', "", "Ä", "-a"])
def test_a_name_cannot_break_out_of_the_query(metrics: Prometheus, name: str) -> None:
    with pytest.raises(ValueError, match="is no Kubernetes name"):
        metrics.sample(name, "greeter", own=True)


@pytest.mark.parametrize(
    "body", ["<html>", "[]", '{"status": "error"}', '{"status":"success","data":{"resultType":"vector","result":[1]}}']
)
def test_an_unknown_answer_is_invalid(body: str) -> None:
    with saying(body) as metrics, pytest.raises(Invalid):
        metrics.sample("a", "b", own=True)


def test_refusals_are_told_apart() -> None:
    with saying("no", 401) as metrics, pytest.raises(Denied):
        metrics.ready()
    with saying("later", 503) as metrics, pytest.raises(Transient):
        metrics.ready()
    with (
        saying('{"status":"error","errorType":"bad_data"}', 400) as metrics,
        pytest.raises(Invalid, match="take the query"),
    ):
        metrics.ready()
    with saying("", 302) as metrics, pytest.raises(Invalid):
        metrics.ready()


def test_nobody_there_is_transient() -> None:
    with pytest.raises(Transient):
        Prometheus(Options(url="http://127.0.0.1:1")).ready()
