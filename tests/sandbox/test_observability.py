"""The HTTP APIs of the simulated Prometheus and Elasticsearch, and the log viewer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.sandbox.process import Sandbox

KEY = {"Authorization": "ApiKey sandbox-elastic-key"}


def query_prometheus(sandbox: Sandbox, query: str) -> requests.Response:
    return requests.get(f"{sandbox.url}/prometheus/api/v1/query", params={"query": query}, timeout=5)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("topk(1, up)", 'unexpected "topk(1, up)"'),
        ("up{", 'unexpected "up{"'),
        ("up offset 5m", 'unexpected "up offset 5m"'),
        ("sum(1)", 'unexpected "1"'),
        ("up{pod=1}", "in label matching"),
        ("", "no expression found"),
        ('up{pod=~"("}', "error parsing regexp"),
        ("{}", "at least one non-empty matcher"),
    ],
)
def test_an_unsupported_query_is_bad_data(behaving: Sandbox, query: str, message: str) -> None:
    answer = query_prometheus(behaving, query)
    assert answer.status_code == 400
    assert answer.json()["errorType"] == "bad_data"
    assert message in answer.json()["error"]


def test_a_number_is_a_scalar(behaving: Sandbox) -> None:
    assert query_prometheus(behaving, "7").json()["data"]["result"][1] == "7"


def add_line(sandbox: Sandbox, namespace: str, message: str, ago: timedelta = timedelta(), **fields: Any) -> None:
    at = (datetime.now(UTC) - ago).isoformat()
    labels = {"app_kubernetes_io/name": fields.pop("application", "greeter")}
    source = {"@timestamp": at, "message": message, "kubernetes": {"namespace": namespace, "labels": labels}, **fields}
    action = {"create": {"_index": f"logs-kubernetes.container_logs-{namespace}"}}
    body = f"{json.dumps(action)}\n{json.dumps(source)}\n"
    answer = requests.post(f"{sandbox.url}/elasticsearch/_bulk", data=body, headers=KEY, timeout=5)
    assert answer.json()["errors"] is False


def search(sandbox: Sandbox, index: str, **body: Any) -> Any:
    return requests.post(f"{sandbox.url}/elasticsearch/{index}/_search", json=body, headers=KEY, timeout=5)


@pytest.mark.parametrize(
    ("clause", "messages"),
    [
        ({"match_all": {}}, ["GET / 500", "an ERROR: boom", "hello there"]),
        ({"match_phrase": {"message": "error boom"}}, ["an ERROR: boom"]),
        ({"term": {"log.level": "error"}}, ["an ERROR: boom"]),
        ({"terms": {"kubernetes.labels.app_kubernetes_io/name": ["greeter", "x"]}}, ["an ERROR: boom", "hello there"]),
        ({"bool": {"must_not": [{"term": {"log.level": "error"}}]}}, ["GET / 500", "hello there"]),
        (
            {"bool": {"should": [{"term": {"log.level": "error"}}, {"match_phrase": {"message": "hello there"}}]}},
            ["an ERROR: boom", "hello there"],
        ),
    ],
)
def test_a_search_by_clause(behaving: Sandbox, clause: dict[str, Any], messages: list[str]) -> None:
    index = "logs-kubernetes.container_logs-alpha"
    if not search(behaving, index).json()["hits"]["total"]["value"]:
        add_line(behaving, "alpha", "hello there", timedelta(minutes=2))
        add_line(behaving, "alpha", "an ERROR: boom", timedelta(minutes=1), log={"level": "error"})
        add_line(behaving, "alpha", "GET / 500", application="other")
    answer = search(behaving, "logs-*-alpha", query=clause, sort=[{"@timestamp": "desc"}])
    hits = answer.json()["hits"]
    assert [hit["_source"]["message"] for hit in hits["hits"]] == messages
    assert hits["total"]["value"] == len(messages)


def test_a_search_by_time_range(behaving: Sandbox) -> None:
    for ago in (5, 1):
        add_line(behaving, "delta", f"{ago} minutes ago", timedelta(minutes=ago))
    limit = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    for bound, expected in (("gte", "1 minutes ago"), ("lt", "5 minutes ago")):
        answer = search(behaving, "logs-*-delta", query={"range": {"@timestamp": {bound: limit}}})
        hits = answer.json()["hits"]["hits"]
        assert [hit["_source"]["message"] for hit in hits] == [expected]


def test_a_missing_index_is_empty_and_an_unsupported_query_is_refused(behaving: Sandbox) -> None:
    assert search(behaving, "logs-*-nowhere", query={"match_all": {}}).json()["hits"]["total"]["value"] == 0
    unknown = search(behaving, "logs-*", query={"fuzzy": {"message": "x"}})
    assert unknown.json()["error"]["reason"] == "unknown query [fuzzy]"
    assert requests.get(f"{behaving.url}/elasticsearch/", timeout=5).status_code == 401
    wide = search(behaving, "logs-*", size=20_000)
    assert "Result window is too large" in wide.json()["error"]["reason"]


def test_an_index_template_is_created_and_read(behaving: Sandbox) -> None:
    address = f"{behaving.url}/elasticsearch/_index_template/onramp-beta"
    assert requests.get(address, headers=KEY, timeout=5).status_code == 404
    body = {"index_patterns": ["logs-*-beta"], "priority": 500, "data_stream": {}}
    assert requests.put(address, json=body, headers=KEY, timeout=5).json() == {"acknowledged": True}
    stored = requests.get(address, headers=KEY, timeout=5).json()["index_templates"][0]["index_template"]
    assert body.items() <= stored.items()


def test_the_log_page_shows_the_lines_of_one_application(behaving: Sandbox) -> None:
    add_line(behaving, "gamma", "from <greeter>")
    add_line(behaving, "gamma", "from another", application="another")
    address = f"{behaving.url}/elasticsearch/ui/"
    page = requests.get(address, params={"namespace": "gamma", "application": "greeter"}, timeout=5).text
    assert "from &lt;greeter&gt;" in page
    assert "from another" not in page
