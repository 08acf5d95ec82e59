"""The request log, fault injection, and a restart with the stored data."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.sandbox.process import Sandbox, start, stop

JIRA = {"Authorization": "Bearer sandbox-jira-token"}


def create_issue(sandbox: Sandbox, summary: str) -> requests.Response:
    fields = {"project": {"key": "PLAT"}, "issuetype": {"name": "Task"}, "summary": summary}
    return requests.post(f"{sandbox.url}/jira/rest/api/2/issue", json={"fields": fields}, headers=JIRA, timeout=5)


def summaries(sandbox: Sandbox) -> list[str]:
    query = {"jql": "project = PLAT", "maxResults": "500"}
    answer = requests.get(f"{sandbox.url}/jira/rest/api/2/search", params=query, headers=JIRA, timeout=5)
    return [issue["fields"]["summary"] for issue in answer.json()["issues"]]


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/_/requests/",
        "/_/misbehaviour/",
        "/jira/",
        "/prometheus/graph",
        "/elasticsearch/ui/",
        "/slack/",
        "/mailbox/",
    ],
)
def test_every_page_is_html(behaving: Sandbox, page: str) -> None:
    answer = requests.get(behaving.url + page, timeout=5)
    assert answer.status_code == 200
    assert "<h1>" in answer.text


def test_every_request_is_logged(behaving: Sandbox) -> None:
    headers = {"User-Agent": "a test", "X-Request-Id": "abc-1"}
    requests.get(f"{behaving.url}/prometheus/-/ready", params={"a": "b"}, headers=headers, timeout=5)
    logged = behaving.requests(provider="prometheus", method="GET")[-1]
    assert (logged["path"], logged["query"], logged["status"]) == ("/prometheus/-/ready", "a=b", 200)
    assert (logged["agent"], logged["request_id"]) == ("a test", "abc-1")


def test_the_log_is_filtered_by_time_and_cleared(behaving: Sandbox) -> None:
    requests.get(f"{behaving.url}/prometheus/-/ready", timeout=5)
    moment = behaving.requests(provider="prometheus")[-1]["at"]
    requests.get(f"{behaving.url}/prometheus/-/ready?later", timeout=5)
    later = behaving.requests(provider="prometheus", since=moment)
    assert [entry["query"] for entry in later] == ["later"]
    behaving.forget_requests()
    assert behaving.requests() == []


def test_a_connection_is_reused(behaving: Sandbox) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.get(f"{behaving.url}/_/requests", timeout=5).headers.get("Connection") != "close"


def test_a_chunked_body_is_accepted(behaving: Sandbox) -> None:
    def chunks() -> list[bytes]:
        return [b'{"fields": {"project": {"key": "PLAT"}, "issuetype": {"name": "Task"},', b'"summary": "in chunks"}}']

    address = f"{behaving.url}/jira/rest/api/2/issue"
    answer = requests.post(address, data=iter(chunks()), headers=JIRA, timeout=5)
    assert answer.status_code == 201
    assert "in chunks" in summaries(behaving)


def test_an_error_before_has_no_effect(behaving: Sandbox) -> None:
    behaving.fault("error-before", "/jira/rest/api/2/issue", method="POST", status=502, times=1)
    assert create_issue(behaving, "error before").status_code == 502
    assert "error before" not in summaries(behaving)
    assert create_issue(behaving, "the next one").status_code == 201


def test_an_error_after_has_an_effect(behaving: Sandbox) -> None:
    behaving.fault("error-after", "/jira/rest/api/2/issue", method="POST", times=1)
    assert create_issue(behaving, "error after").status_code == 503
    assert "error after" in summaries(behaving)


def test_a_reset_after_has_an_effect_and_resets_the_connection(behaving: Sandbox) -> None:
    behaving.fault("reset-after", "/jira/rest/api/2/issue", method="POST", times=1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        create_issue(behaving, "reset after")
    assert "reset after" in summaries(behaving)


def test_a_reset_before_has_no_effect(behaving: Sandbox) -> None:
    behaving.fault("reset-before", "/jira/rest/api/2/issue", method="POST", times=1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        create_issue(behaving, "reset before")
    assert "reset before" not in summaries(behaving)


def test_a_black_hole_accepts_the_request_and_never_answers(behaving: Sandbox) -> None:
    behaving.fault("black-hole", "/prometheus/", times=1)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{behaving.url}/prometheus/-/ready", timeout=0.5)
    assert behaving.requests(provider="prometheus")[-1]["status"] is None
    assert requests.get(f"{behaving.url}/prometheus/-/ready", timeout=5).status_code == 200


def test_a_half_body_ends_early(behaving: Sandbox) -> None:
    behaving.fault("half-body", "/jira/rest/api/2/serverInfo", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{behaving.url}/jira/rest/api/2/serverInfo", headers=JIRA, timeout=5)


def test_a_slow_drip_is_complete_and_does_not_delay_others(behaving: Sandbox) -> None:
    address = f"{behaving.url}/jira/rest/api/2/serverInfo"
    whole = requests.get(address, headers=JIRA, timeout=5).content
    behaving.fault("slow-drip", "/jira/rest/api/2/serverInfo", seconds=0.01, times=2)
    with requests.get(address, headers=JIRA, timeout=5, stream=True) as abandoned:
        assert next(abandoned.iter_content(1)) == whole[:1]
    began = time.monotonic()
    assert len(requests.get(address, headers=JIRA, timeout=5).content) == len(whole)
    assert time.monotonic() - began >= 0.01 * len(whole)


def test_invalid_json_cannot_be_decoded(behaving: Sandbox) -> None:
    behaving.fault("invalid-json", "/jira/", times=1)
    with pytest.raises(requests.JSONDecodeError):
        requests.get(f"{behaving.url}/jira/rest/api/2/serverInfo", headers=JIRA, timeout=5).json()


def test_a_rate_limit_has_the_form_of_each_tool(behaving: Sandbox) -> None:
    behaving.fault("rate-limit", "/jira/", seconds=7, times=1)
    refused = requests.get(f"{behaving.url}/jira/rest/api/2/serverInfo", headers=JIRA, timeout=5)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    behaving.fault("rate-limit", "/github/", seconds=7, times=1)
    primary = requests.get(f"{behaving.url}/github/api/v3/rate_limit", timeout=5)
    assert (primary.status_code, primary.headers["x-ratelimit-remaining"]) == (403, "0")
    assert 0 < int(primary.headers["x-ratelimit-reset"]) - time.time() <= 8
    behaving.fault("rate-limit", "/github/", seconds=7, status=429, times=1)
    secondary = requests.get(f"{behaving.url}/github/api/v3/rate_limit", timeout=5)
    assert (secondary.status_code, secondary.headers["retry-after"]) == (429, "7")


def test_a_limited_rule_applies_exactly_that_often_under_concurrency(behaving: Sandbox) -> None:
    behaving.fault("error-before", "/prometheus/", times=5)

    def status(_: int) -> int:
        return requests.get(f"{behaving.url}/prometheus/-/ready", timeout=10).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(status, range(24)))
    assert statuses.count(503) == 5
    assert statuses.count(200) == 19


def test_a_rule_with_a_share_applies_about_that_often(behaving: Sandbox) -> None:
    behaving.fault("error-before", "/prometheus/", share=0.25)
    statuses = [requests.get(f"{behaving.url}/prometheus/-/ready", timeout=10).status_code for _ in range(80)]
    assert 5 <= statuses.count(503) <= 40


def test_a_rule_matches_method_and_glob_and_can_be_removed(behaving: Sandbox) -> None:
    number = behaving.fault("error-before", "/prom*/-/*", method="GET", status=500)
    assert requests.get(f"{behaving.url}/prometheus/-/ready", timeout=5).status_code == 500
    assert requests.get(f"{behaving.url}/prometheus/api/v1/query?query=1", timeout=5).status_code == 200
    assert requests.head(f"{behaving.url}/prometheus/-/ready", timeout=5).status_code == 200
    assert requests.delete(f"{behaving.url}/_/faults/{number}", timeout=5).status_code == 204
    assert requests.get(f"{behaving.url}/prometheus/-/ready", timeout=5).status_code == 200


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "nonsense"},
        {"kind": "delay", "often": 2},
        [],
        {"kind": "delay", "times": -1},
        {"kind": "delay", "share": 2},
    ],
)
def test_an_invalid_rule_is_refused(behaving: Sandbox, rule: object) -> None:
    answer = requests.post(f"{behaving.url}/_/faults", json=rule, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_held_connection_ends_when_the_client_hangs_up(behaving: Sandbox) -> None:
    behaving.fault("black-hole", "/prometheus/", times=1)
    with socket.create_connection(("127.0.0.1", behaving.port)) as connection:
        connection.sendall(b"GET /prometheus/-/ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert threading.active_count() < 50


def test_a_killed_sandbox_restarts_with_its_data(tmp_path: Path) -> None:
    first = start(tmp_path / "store", background=False)
    try:
        assert create_issue(first, "before the crash").status_code == 201
        first.fault("error-before", "/prometheus/", status=500)
    finally:
        first.process.kill()
        first.process.wait(10)
    second = start(tmp_path / "store", background=False)
    try:
        assert "before the crash" in summaries(second)
        assert requests.get(f"{second.url}/prometheus/-/ready", timeout=5).status_code == 500
        assert create_issue(second, "after it").json()["key"] == "PLAT-2"
    finally:
        stop(second.process)


def test_a_refusal_has_the_words_of_its_tool(behaving: Sandbox) -> None:
    behaving.fault("refusal", "/github/api/v3/user", refusal="github-saml")
    answer = requests.get(f"{behaving.url}/github/api/v3/user", timeout=5)
    assert (answer.status_code, answer.json()["status"]) == (403, "403")
    assert "SAML enforcement" in answer.json()["message"]
    assert answer.headers["X-GitHub-SSO"].startswith("required")
    page = requests.get(f"{behaving.url}/_/misbehaviour/", timeout=5).text
    assert "the token is not authorised for SAML single sign-on" in page


@pytest.mark.parametrize(
    "rule", [{"kind": "refusal"}, {"kind": "refusal", "refusal": "x"}, {"kind": "delay", "refusal": "jira-archived"}]
)
def test_a_refusal_must_be_a_known_one(behaving: Sandbox, rule: dict[str, str]) -> None:
    answer = requests.post(f"{behaving.url}/_/faults", json={"path": "/jira/", **rule}, timeout=5)
    assert answer.status_code == 400
    assert "names one of github-saml" in answer.json()["error"]
