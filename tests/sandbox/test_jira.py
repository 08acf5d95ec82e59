"""The simulated JIRA, through the `jira` library and through the board's pages."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from jira import JIRA, JIRAError

from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Received, Receiver, receiving

TOKEN = "sandbox-jira-token"
CLOUD_USER = "onramp-bot@acme.example"
SECRET = "whispered"


@pytest.fixture
def jira(behaving: Sandbox) -> JIRA:
    return JIRA(f"{behaving.url}/jira", token_auth=TOKEN, max_retries=0, timeout=5)


@pytest.fixture
def receiver(behaving: Sandbox) -> Iterator[Receiver]:
    """Receives every event of JIRA, signed."""
    events = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created"]
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with receiving() as receiver:
        hook = {"name": "test", "url": receiver.url, "events": events, "secret": SECRET}
        address = f"{behaving.url}/jira/rest/webhooks/1.0/webhook"
        answer = requests.post(address, json=hook, headers=headers, timeout=5)
        assert answer.status_code == 201
        yield receiver
        requests.delete(answer.json()["self"], headers=headers, timeout=5).raise_for_status()


def press(sandbox: Sandbox, key: str, button: str, **form: str) -> requests.Response:
    address = f"{sandbox.url}/jira/browse/{key}/{button}"
    return requests.post(address, data=form, timeout=5, allow_redirects=False)


def create_issue(jira: JIRA, summary: str = "Grant quota", labels: tuple[str, ...] = (), project: str = "PLAT") -> str:
    fields = {"project": {"key": project}, "issuetype": {"name": "Task"}, "summary": summary, "labels": list(labels)}
    return str(jira.create_issue(fields=fields, prefetch=False).key)


def search(jira: JIRA, query: str) -> list[str]:
    return [issue.key for issue in jira.search_issues(query)]


def summaries(received: list[Received]) -> list[str]:
    """The summary of the issue in each webhook."""
    return [json.loads(delivery.body)["issue"]["fields"]["summary"] for delivery in received]


def test_server_info_and_own_account(jira: JIRA) -> None:
    assert jira.server_info()["deploymentType"] == "Server"
    assert jira.myself()["name"] == "onramp-bot"


def test_an_issue_is_created_read_and_found_by_its_label(jira: JIRA) -> None:
    key = create_issue(jira, "Read me", ("onramp", "mark-1"))
    issue = jira.issue(key)
    assert issue.fields.status.statusCategory.key == "new"
    assert issue.fields.resolution is None
    assert set(jira.issue(key, fields="labels").raw["fields"]) == {"labels"}
    assert search(jira, 'project = PLAT AND labels = "mark-1"') == [key]


def test_an_error_on_creation_names_every_invalid_field(behaving: Sandbox) -> None:
    body = {"fields": {"labels": ["a b"], "summary": "", "colour": "red"}}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.post(f"{behaving.url}/jira/rest/api/2/issue", json=body, headers=headers, timeout=5)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"project", "issuetype", "summary", "labels", "colour"}
    assert answer.json()["errorMessages"] == []


def test_properties_are_set_on_creation_and_later(behaving: Sandbox) -> None:
    fields = {"project": {"key": "PLAT"}, "issuetype": {"name": "Task"}, "summary": "With a property"}
    body = {"fields": fields, "properties": [{"key": "onramp", "value": {"cause": {"id": "c-7"}}}]}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    key = requests.post(f"{behaving.url}/jira/rest/api/2/issue", json=body, headers=headers, timeout=5).json()["key"]
    address = f"{behaving.url}/jira/rest/api/2/issue/{key}/properties/onramp"
    assert requests.get(address, headers=headers, timeout=5).json()["value"] == {"cause": {"id": "c-7"}}
    assert requests.put(address, json={"cause": {"id": "c-8"}}, headers=headers, timeout=5).status_code == 200
    assert requests.get(address, headers=headers, timeout=5).json()["value"] == {"cause": {"id": "c-8"}}


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("statusCategory = Done", False),
        ("statusCategory != Done", True),
        ("statusCategory = new", True),
        ('status = "In Progress"', False),
        ("labels = striped AND project = PLAT", True),
        ("labels != other ORDER BY created DESC, key ASC", True),
    ],
)
def test_a_search_by_jql(jira: JIRA, query: str, matches: bool) -> None:
    key = create_issue(jira, "A zebra", ("striped",))
    clause, _, order = query.partition(" ORDER BY ")
    text = f"key = {key} AND {clause}" + (f" ORDER BY {order}" if order else "")
    assert search(jira, text) == ([key] if matches else [])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("project = NOPE", "does not exist for the field 'project'"),
        ("colour = red", "Field 'colour' does not exist"),
        ("project =", "Expecting a comparison but got 'project ='"),
        ("project = PLAT labels = a", "Expecting a comparison"),
        ("labels ~ a", "Expecting a comparison"),
        ("project = PLAT ORDER BY colour", "Not able to sort"),
    ],
)
def test_an_invalid_query_is_a_400(jira: JIRA, query: str, message: str) -> None:
    with pytest.raises(JIRAError) as caught:
        jira.search_issues(query)
    assert caught.value.status_code == 400
    assert message in str(caught.value.text)


def test_a_new_issue_is_found_only_after_the_lag(behaving: Sandbox, jira: JIRA) -> None:
    lag = f"{behaving.url}/jira/_/lag"
    requests.post(lag, json={"seconds": 0.7}, timeout=5).raise_for_status()
    try:
        key = create_issue(jira, "Late", ("late-one",))
        assert search(jira, "labels = late-one") == []
        assert jira.issue(key).key == key
        time.sleep(0.8)
        assert search(jira, "labels = late-one") == [key]
    finally:
        requests.post(lag, json={"seconds": 0}, timeout=5).raise_for_status()


def test_an_issue_is_closed_as_wont_do_and_reopened(jira: JIRA) -> None:
    key = create_issue(jira)
    jira.transition_issue(key, "Won't Do", comment="No budget")
    closed = jira.issue(key)
    assert closed.fields.status.statusCategory.key == "done"
    assert str(closed.fields.resolution) == "Won't Do"
    assert [comment.body for comment in jira.comments(key)] == ["No budget"]
    jira.transition_issue(key, "To Do")
    assert jira.issue(key).fields.resolution is None
    jira.transition_issue(key, "Done", fields={"resolution": {"name": "Duplicate"}})
    assert str(jira.issue(key).fields.resolution) == "Duplicate"


def test_a_moved_issue_keeps_its_id_and_is_found_by_its_former_key(behaving: Sandbox, jira: JIRA) -> None:
    key = create_issue(jira)
    before = jira.issue(key)
    press(behaving, key, "move", project="ACME")
    after = jira.issue(key)
    assert after.id == before.id
    assert after.key.startswith("ACME-")
    assert jira.issue(before.id).key == after.key
    page = requests.get(f"{behaving.url}/jira/browse/{key}", timeout=5, allow_redirects=False)
    assert page.headers["Location"] == f"/jira/browse/{after.key}"


def test_a_deleted_issue_is_a_404_and_its_number_is_not_reused(behaving: Sandbox, jira: JIRA) -> None:
    key = create_issue(jira)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    refused = requests.delete(f"{behaving.url}/jira/rest/api/2/issue/{key}", headers=headers, timeout=5)
    assert (refused.status_code, "permission to delete" in refused.text) == (403, True)
    pat = {"Authorization": "Bearer sandbox-pat-token"}
    assert requests.delete(f"{behaving.url}/jira/rest/api/2/issue/{key}", headers=pat, timeout=5).status_code == 204
    with pytest.raises(JIRAError) as caught:
        jira.issue(key)
    assert caught.value.status_code == 404
    assert create_issue(jira) != key


def test_missing_and_wrong_credentials_are_refused(behaving: Sandbox) -> None:
    address = f"{behaving.url}/jira/rest/api/2/issue/PLAT-1"
    assert requests.get(address, timeout=5).json()["errorMessages"][1] == "Login Required"
    wrong = requests.get(address, headers={"Authorization": "Bearer nope"}, timeout=5)
    assert (wrong.status_code, wrong.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")


def test_a_remote_link_with_the_same_global_id_is_updated(behaving: Sandbox, jira: JIRA) -> None:
    key = create_issue(jira)
    address = f"{behaving.url}/jira/rest/api/2/issue/{key}/remotelink"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for title, status in (("one", 201), ("two", 200)):
        body = {"globalId": "g", "object": {"url": "http://127.0.0.1/", "title": title}}
        assert requests.post(address, json=body, headers=headers, timeout=5).status_code == status
    assert [link.object.title for link in jira.remote_links(key)] == ["two"]


def test_webhooks_are_signed_over_the_raw_body_and_carry_the_changes(
    behaving: Sandbox, jira: JIRA, receiver: Receiver
) -> None:
    key = create_issue(jira, "Tell me")
    receiver.wait_for(1)
    press(behaving, key, "done", comment="Granted")
    received = receiver.wait_for(4)
    events = [json.loads(delivery.body)["webhookEvent"] for delivery in received]
    assert events[0] == "jira:issue_created"
    assert sorted(events[1:]) == ["comment_created", "jira:issue_updated", "jira:issue_updated"]
    for delivery in received:
        expected = hmac.new(SECRET.encode(), delivery.body, hashlib.sha256).hexdigest()
        assert delivery.headers["x-hub-signature"] == f"sha256={expected}"
    assert len({delivery.headers["x-atlassian-webhook-identifier"] for delivery in received}) == 4
    changelogs = [json.loads(delivery.body).get("changelog", {}) for delivery in received]
    changes = [(item["field"], item["toString"]) for changelog in changelogs for item in changelog.get("items", [])]
    assert ("status", "Done") in changes


def test_webhooks_are_dropped_doubled_and_delayed(behaving: Sandbox, jira: JIRA, receiver: Receiver) -> None:
    behaving.fault("webhook-dropped", "jira", times=1)
    create_issue(jira, "dropped")
    behaving.fault("webhook-doubled", "jira", times=1)
    time.sleep(0.2)
    create_issue(jira, "doubled")
    assert len(receiver.wait_for(2)) == 2
    behaving.fault("webhook-delayed", "jira", seconds=1, times=1)
    create_issue(jira, "first")
    time.sleep(0.2)
    create_issue(jira, "second")
    assert summaries(receiver.wait_for(4)) == ["doubled", "doubled", "second", "first"]


def test_a_reordered_webhook_is_sent_after_the_next_one(behaving: Sandbox, jira: JIRA, receiver: Receiver) -> None:
    behaving.fault("webhook-reordered", "jira", seconds=5, times=1)
    create_issue(jira, "first")
    time.sleep(0.2)
    create_issue(jira, "second")
    assert summaries(receiver.wait_for(2)) == ["second", "first"]


def test_an_early_webhook_arrives_before_the_answer(behaving: Sandbox, jira: JIRA, receiver: Receiver) -> None:
    behaving.fault("webhook-early", "jira", times=1)
    create_issue(jira, "early")
    assert len(receiver.received) == 1


def test_a_delayed_webhook_does_not_delay_the_response(behaving: Sandbox, jira: JIRA, receiver: Receiver) -> None:
    behaving.fault("webhook-delayed", "jira", seconds=0.5, times=1)
    began = time.monotonic()
    create_issue(jira, "late")
    assert time.monotonic() - began < 0.5
    assert receiver.wait_for(1)[0].at - began >= 0.5


def test_the_buttons_of_the_board(behaving: Sandbox, jira: JIRA) -> None:
    key = create_issue(jira, "<script>alert(1)</script>")
    page = requests.get(f"{behaving.url}/jira/browse/{key}", timeout=5).text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    for button, status in (("start", "In Progress"), ("wont-do", "Done"), ("reopen", "To Do"), ("done", "Done")):
        assert press(behaving, key, button).status_code == 302
        assert jira.issue(key).fields.status.name == status
    assert press(behaving, key, "comment", comment="Please").status_code == 302
    assert jira.comments(key)[-1].author.name == "pat"
    assert press(behaving, key, "explode").status_code == 400


def test_the_cloud_answers_the_library_as_a_cloud(behaving: Sandbox) -> None:
    """The library asks the server for its deployment type and then uses Cloud's search."""
    cloud = JIRA(f"{behaving.url}/jira-cloud", basic_auth=(CLOUD_USER, TOKEN), max_retries=0)
    assert cloud._is_cloud
    keys = [create_issue(cloud, "Paged", ("paged",)) for _ in range(3)]
    assert [issue.key for issue in cloud.search_issues("labels = paged ORDER BY created ASC", maxResults=False)] == keys
    reporter = cloud.issue(keys[0]).raw["fields"]["reporter"]
    assert "name" not in reporter, "people have account ids"
    assert reporter["accountId"] == cloud.myself()["accountId"]


def test_what_the_cloud_has_removed_or_refuses(behaving: Sandbox) -> None:
    def get(path: str, **options: Any) -> requests.Response:
        return requests.get(f"{behaving.url}/jira-cloud/rest/api/3/{path}", timeout=5, **options)

    login: dict[str, Any] = {"auth": (CLOUD_USER, TOKEN)}
    assert get("search?jql=labels=x", **login).status_code == 410
    assert "Unbounded JQL" in get("search/jql?jql=order by created", **login).text
    assert "next page token" in get("search/jql?jql=labels=x&nextPageToken=x", **login).text
    assert get("myself", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 401
    assert get("serverInfo").json()["deploymentType"] == "Cloud"
