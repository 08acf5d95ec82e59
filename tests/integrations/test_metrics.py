"""Prometheus as the provider of *metrics*, against the sandbox's; see also test_promises."""

import time

import pytest

from integrations import http
from integrations.errors import Invalid
from integrations.metrics import Metrics
from integrations.metrics.prometheus import Options, Prometheus
from tests.integrations.answering import answering
from tests.sandbox.process import Sandbox, recorded

POD = {"namespace": "storefront", "pod": "greeter-5d4f9c7b8-x2x4z", "container": "greeter"}


@pytest.fixture
def metrics(behaving: Sandbox) -> Prometheus:
    return Prometheus(Options(url=f"{behaving.url}/prometheus"))


def test_it_implements_metrics_and_only_reads(metrics: Prometheus) -> None:
    implementation: Metrics = metrics
    with http.read_only(), http.recording() as calls:
        implementation.ready()
        assert implementation.sample("storefront", "never-deployed", exposed=True) is None
    assert {call.method for call in calls} == {"GET"}


def test_exposed_series_and_container_metrics_are_distinguished(behaving: Sandbox, metrics: Prometheus) -> None:
    recorded(behaving, "container_cpu_usage_seconds_total", POD, 1.5)
    recorded(behaving, "up", POD, 1)
    assert metrics.sample("storefront", "greeter", exposed=True) is None
    cluster = metrics.sample("storefront", "greeter", exposed=False)
    assert cluster
    assert (cluster.name, cluster.series) == ("container_cpu_usage_seconds_total", 1)
    recorded(behaving, "greeter_requests_total", POD, 3)
    recorded(behaving, "greeter_requests_total", POD | {"pod": "greeter-5d4f9c7b8-aaaaa"}, 3)
    exposed = metrics.sample("storefront", "greeter", exposed=True)
    assert exposed
    assert (exposed.name, exposed.series) == ("greeter_requests_total", 2)
    assert abs(exposed.at.timestamp() - time.time()) < 60


def test_series_of_another_application_do_not_count(behaving: Sandbox, metrics: Prometheus) -> None:
    recorded(behaving, "shop_pages", POD | {"pod": "shop-web-66d5f8f4c-abcde"}, 1)
    recorded(behaving, "other_total", POD | {"namespace": "payments", "pod": "shop-66d5f8f4c-abcde"}, 1)
    assert metrics.sample("storefront", "shop", exposed=True) is None
    assert metrics.sample("storefront", "shop-web", exposed=True)


def test_an_old_sample_does_not_count(behaving: Sandbox, metrics: Prometheus) -> None:
    recorded(behaving, "old_total", POD | {"pod": "old-66d5f8f4c-abcde"}, 1, ago=1200)
    assert metrics.sample("storefront", "old", exposed=True) is None


def test_the_link_leads_to_a_page_with_the_query(behaving: Sandbox, metrics: Prometheus) -> None:
    link = metrics.link("storefront", "greeter")
    with http.session("test") as session:
        page = session.get(link).text
    assert "greeter-[a-z0-9]+-[a-z0-9]+" in page
    elsewhere = Prometheus(Options(url="http://127.0.0.1:1", web_url="https://metrics.acme.example/"))
    assert elsewhere.link("a", "b").startswith("https://metrics.acme.example/graph?g0.expr=%7Bnamespace%3D%22a%22")


@pytest.mark.parametrize("name", ['x"} or up{a="', "", "Ä", "-a"])
def test_a_name_cannot_break_out_of_the_query(metrics: Prometheus, name: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes name"):
        metrics.sample(name, "greeter", exposed=True)


def test_a_refused_query_is_invalid() -> None:
    with (
        answering('{"status":"error","errorType":"bad_data"}', 400) as url,
        pytest.raises(Invalid, match="refused the query"),
    ):
        Prometheus(Options(url=url)).ready()
