"""Elasticsearch as the provider of *logs*, against the sandbox's; see also test_promises."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import requests

from integrations import http
from integrations.errors import Conflict, Denied, Invalid, Transient
from integrations.logs import Logs
from integrations.logs.elk import Elk, Options
from tests.integrations.answering import answering
from tests.sandbox.process import Sandbox

KEY = "sandbox-elastic-key"
HEADERS = {"Authorization": f"ApiKey {KEY}"}
SHORT = timedelta(minutes=5)


def provider(url: str, key: str = KEY, stream: str = "") -> Elk:
    link = f"{url}/elasticsearch/ui/?namespace={{namespace}}&application={{application}}"
    options = {"url": f"{url}/elasticsearch", "api_key": key, "link": link, **({"stream": stream} if stream else {})}
    return Elk(Options.model_validate(options))


@pytest.fixture
def logs(behaving: Sandbox) -> Elk:
    return provider(behaving.url)


@contextmanager
def answering_logs(body: str, status: int = 200) -> Iterator[Elk]:
    with answering(body, status) as url:
        yield provider(url)


def ship(
    sandbox: Sandbox,
    namespace: str,
    application: str,
    message: str,
    ago: timedelta = timedelta(),
    *,
    verbatim: bool = False,
) -> None:
    """A line as Filebeat ships it; `verbatim` into an index that is named after the namespace as it is."""
    source = {
        "@timestamp": (datetime.now(UTC) - ago).isoformat(),
        "message": message,
        "kubernetes": {
            "namespace": namespace,
            "pod": {"name": f"{application}-1-2"},
            "labels": {"app_kubernetes_io/name": application},
        },
    }
    index = f"logs-kubernetes.container_logs-{namespace if verbatim else namespace.replace('-', '_')}"
    body = json.dumps({"create": {"_index": index}}) + f"\n{json.dumps(source)}\n"
    requests.post(f"{sandbox.url}/elasticsearch/_bulk", data=body, headers=HEADERS, timeout=5).raise_for_status()


def test_it_implements_logs(logs: Elk) -> None:
    implementation: Logs = logs
    implementation.ready()


def test_line_is_the_newest_of_this_application_in_this_namespace(behaving: Sandbox, logs: Elk) -> None:
    ship(behaving, "l-one", "greeter", "old", timedelta(hours=1))
    assert logs.line("l-one", "greeter", SHORT) is None
    ship(behaving, "l-one", "other", "another's")
    ship(behaving, "l-two", "greeter", "elsewhere")
    assert logs.line("l-one", "greeter", SHORT) is None
    ship(behaving, "l-one", "greeter", "new")
    line = logs.line("l-one", "greeter", SHORT)
    assert line
    assert (line.message, line.pod) == ("new", "greeter-1-2")
    assert datetime.now(UTC) - line.at < timedelta(minutes=1)
    older = logs.line("l-one", "greeter", timedelta(hours=2))
    assert older
    assert older.message == "new"


def test_a_namespace_without_a_stream_has_no_line(logs: Elk) -> None:
    assert logs.line("never-created", "greeter", SHORT) is None


def test_errors_are_listed_newest_first(behaving: Sandbox, logs: Elk) -> None:
    for message in ("started", "ERROR no such table", "GET / 200", "Traceback (most recent call last):", "terror"):
        ship(behaving, "l-err", "greeter", message)
    messages = [line.message for line in logs.errors("l-err", "greeter", SHORT)]
    assert messages == ["Traceback (most recent call last):", "ERROR no such table"]
    assert len(logs.errors("l-err", "greeter", SHORT, limit=1)) == 1


def test_planning_can_search_but_not_set_the_retention(logs: Elk) -> None:
    with http.read_only():
        assert logs.line("l-plan", "greeter", SHORT) is None
        with pytest.raises(http.EffectWhilePlanning):
            logs.ensure_retention("l-plan", 30)


def test_the_retention_is_set_once_and_changed_if_it_differs(behaving: Sandbox, logs: Elk) -> None:
    logs.ensure_retention("l-keep", 30)
    address = f"{behaving.url}/elasticsearch/_index_template/onramp-l-keep"
    kept = requests.get(address, headers=HEADERS, timeout=5).json()["index_templates"][0]["index_template"]
    assert kept["template"]["lifecycle"] == {"data_retention": "30d"}
    assert kept["index_patterns"] == ["logs-*-l_keep"]
    with http.recording() as calls:
        logs.ensure_retention("l-keep", 30)
    assert [call.method for call in calls] == ["GET"]
    logs.ensure_retention("l-keep", 7)
    kept = requests.get(address, headers=HEADERS, timeout=5).json()["index_templates"][0]["index_template"]
    assert kept["template"]["lifecycle"] == {"data_retention": "7d"}


@pytest.mark.parametrize("stream", ["", "logs-*-{kubernetes_namespace}"], ids=["data streams", "as the namespace"])
def test_a_namespace_whose_name_ends_with_anothers_has_a_retention_of_its_own(behaving: Sandbox, stream: str) -> None:
    """Elasticsearch refuses two templates of one priority that match the same; the longer name must decide."""
    logs = provider(behaving.url, stream=stream)
    prefix = "v" if stream else "d"
    for namespace, days in ((f"{prefix}shop", 30), (f"web-{prefix}shop", 7), (f"my-web-{prefix}shop", 3)):
        assert logs.ensure_retention(namespace, days)
        assert logs.retained(namespace)


def test_lines_of_a_namespace_with_a_longer_name_are_not_shown(behaving: Sandbox) -> None:
    logs = provider(behaving.url, stream="logs-*-{kubernetes_namespace}")
    ship(behaving, "other-lshop", "greeter", "the secret of another team", verbatim=True)
    assert logs.line("lshop", "greeter", SHORT) is None
    assert logs.errors("lshop", "", SHORT) == []
    ship(behaving, "lshop", "greeter", "ours", verbatim=True)
    line = logs.line("lshop", "greeter", SHORT)
    assert line is not None
    assert line.message == "ours"


def test_the_template_of_somebody_else_is_not_changed(behaving: Sandbox, logs: Elk) -> None:
    address = f"{behaving.url}/elasticsearch/_index_template/onramp-l-theirs"
    body = {"index_patterns": ["logs-*-l-theirs"], "_meta": {"managed_by": "ops"}}
    requests.put(address, json=body, headers=HEADERS, timeout=5).raise_for_status()
    with pytest.raises(Conflict, match="belongs to somebody else"):
        logs.ensure_retention("l-theirs", 30)
    assert requests.get(address, headers=HEADERS, timeout=5).json()["index_templates"][0]["index_template"][
        "_meta"
    ] == {"managed_by": "ops"}


def test_a_retention_that_was_not_saved_is_noticed() -> None:
    with (
        answering_logs('{"acknowledged": true, "index_templates": []}') as logs,
        pytest.raises(Invalid, match="does not have a retention of 30d"),
    ):
        logs.ensure_retention("a", 30)


def test_the_link_leads_to_the_lines(behaving: Sandbox, logs: Elk) -> None:
    ship(behaving, "l-link", "greeter", "find me")
    assert "find me" in requests.get(logs.link("l-link", "greeter"), timeout=5).text
    assert "find me" in requests.get(logs.link("l-link", ""), timeout=5).text
    assert "find me" not in requests.get(logs.link("l-link", "other"), timeout=5).text


def test_a_wrong_key_is_denied(behaving: Sandbox) -> None:
    with pytest.raises(Denied) as denied:
        provider(behaving.url, key="nope").ready()
    assert denied.value.credentials


def test_an_unavailable_server_is_transient(behaving: Sandbox) -> None:
    behaving.fault("error-before", "/elasticsearch/", status=503, times=1)
    with pytest.raises(Transient):
        provider(behaving.url).line("a", "b", SHORT)


def test_a_search_that_timed_out_is_not_taken_for_a_complete_one() -> None:
    with answering_logs('{"timed_out": true, "hits": {"hits": []}}') as logs, pytest.raises(Invalid, match="timed out"):
        logs.line("a", "b", SHORT)


@pytest.mark.parametrize("path", ["/elasticsearch/logs-*", "/elasticsearch/_index_template"])
def test_a_key_that_is_too_weak_is_not_ready(behaving: Sandbox, logs: Elk, path: str) -> None:
    behaving.fault("refusal", path, refusal="elasticsearch-weak-key")
    with pytest.raises(Denied, match="refused") as denied:
        logs.ready()
    assert "is unauthorized for API key" in denied.value.detail
    assert not denied.value.credentials
