"""JIRA as the `jira` library and a person at the board see it."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator

import pytest
import requests
from jira import JIRA, JIRAError

from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Receiver, receiving

TOKEN = "sandbox-jira-token"
SECRET = "whispered"


@pytest.fixture
def jira(behaving: Sandbox) -> JIRA:
    return JIRA(f"{behaving.url}/jira", token_auth=TOKEN, max_retries=0, timeout=5)


@pytest.fixture
def receiver(behaving: Sandbox) -> Iterator[Receiver]:
    """Hears everything that JIRA tells, signed."""
    events = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created"]
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with receiving() as made:
        hook = {"name": "test", "url": made.url, "events": events, "secret": SECRET}
        address = f"{behaving.url}/jira/rest/webhooks/1.0/webhook"
        answer = requests.post(address, json=hook, headers=headers, timeout=5)
        assert answer.status_code == 201
        yield made
        requests.delete(answer.json()["self"], headers=headers, timeout=5).raise_for_status()


def press(sandbox: Sandbox, key: str, button: str, **form: str) -> requests.Response:
    address = f"{sandbox.url}/jira/browse/{key}/{button}"
    return requests.post(address, data=form, timeout=5, allow_redirects=False)


def made(jira: JIRA, summary: str = "Grant quota", labels: tuple[str, ...] = (), project: str = "PLAT") -> str:
    fields = {"project": {"key": project}, "issuetype": {"name": "Task"}, "summary": summary, "labels": list(labels)}
    return str(jira.create_issue(fields=fields, prefetch=False).key)


def found(jira: JIRA, query: str) -> list[str]:
    return [one.key for one in jira.search_issues(query)]


def test_server_and_account(jira: JIRA) -> None:
    assert jira.server_info()["deploymentType"] == "Server"
    assert jira.myself()["name"] == "onramp-bot"


def test_an_issue_is_made_read_and_found_by_its_label(jira: JIRA) -> None:
    key = made(jira, "Read me", ("onramp", "mark-1"))
    issue = jira.issue(key)
    assert issue.fields.status.statusCategory.key == "new"
    assert issue.fields.resolution is None
    assert set(jira.issue(key, fields="labels").raw["fields"]) == {"labels"}
    assert found(jira, 'project = PLAT AND labels = "mark-1"') == [key]


def test_create_names_every_field_that_is_wrong(behaving: Sandbox) -> None:
    body = {"fields": {"labels": ["a b"], "summary": "", "colour": "red"}}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.post(f"{behaving.url}/jira/rest/api/2/issue", json=body, headers=headers, timeout=5)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"project", "issuetype", "summary", "labels", "colour"}
    assert answer.json()["errorMessages"] == []


def test_properties_are_set_with_the_issue_and_later(behaving: Sandbox) -> None:
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
def test_search(jira: JIRA, query: str, matches: bool) -> None:
    key = made(jira, "A zebra", ("striped",))
    clause, _, order = query.partition(" ORDER BY ")
    text = f"key = {key} AND {clause}" + (f" ORDER BY {order}" if order else "")
    assert found(jira, text) == ([key] if matches else [])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("project = NOPE", "does not exist for the field 'project'"),
        ("colour = red", "Field 'colour' does not exist"),
        ("project =", "Expecting a comparison but got 'project ='"),
        ("project = PLAT labels = a", "Expecting a comparison"),
        ("labels ~ a", "Expecting a comparison"),
        ("project = PLAT ORDER BY colour", "Not able to sort"),
    ],
)
def test_a_query_that_makes_no_sense_is_a_400(jira: JIRA, query: str, said: str) -> None:
    with pytest.raises(JIRAError) as caught:
        jira.search_issues(query)
    assert caught.value.status_code == 400
    assert said in str(caught.value.text)


def test_a_new_issue_is_found_only_after_the_lag(behaving: Sandbox, jira: JIRA) -> None:
    lag = f"{behaving.url}/jira/_/lag"
    requests.post(lag, json={"seconds": 0.7}, timeout=5).raise_for_status()
    try:
        key = made(jira, "Late", ("late-one",))
        assert found(jira, "labels = late-one") == []
        assert jira.issue(key).key == key
        time.sleep(0.8)
        assert found(jira, "labels = late-one") == [key]
    finally:
        requests.post(lag, json={"seconds": 0}, timeout=5).raise_for_status()


def test_done_won_t_do_and_reopened(jira: JIRA) -> None:
    key = made(jira)
    jira.transition_issue(key, "Won't Do", comment="No budget")
    closed = jira.issue(key)
    assert closed.fields.status.statusCategory.key == "done"
    assert str(closed.fields.resolution) == "Won't Do"
    assert [one.body for one in jira.comments(key)] == ["No budget"]
    jira.transition_issue(key, "To Do")
    assert jira.issue(key).fields.resolution is None
    jira.transition_issue(key, "Done", fields={"resolution": {"name": "Duplicate"}})
    assert str(jira.issue(key).fields.resolution) == "Duplicate"


def test_a_moved_issue_keeps_its_id_and_answers_to_its_old_key(behaving: Sandbox, jira: JIRA) -> None:
    key = made(jira)
    before = jira.issue(key)
    press(behaving, key, "move", project="ACME")
    after = jira.issue(key)
    assert after.id == before.id
    assert after.key.startswith("ACME-")
    assert jira.issue(before.id).key == after.key
    page = requests.get(f"{behaving.url}/jira/browse/{key}", timeout=5, allow_redirects=False)
    assert page.headers["Location"] == f"/jira/browse/{after.key}"


def test_a_deleted_issue_is_a_404_and_its_number_is_not_given_again(behaving: Sandbox, jira: JIRA) -> None:
    key = made(jira)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    refused = requests.delete(f"{behaving.url}/jira/rest/api/2/issue/{key}", headers=headers, timeout=5)
    assert (refused.status_code, "permission to delete" in refused.text) == (403, True)
    pat = {"Authorization": "Bearer sandbox-pat-token"}
    assert requests.delete(f"{behaving.url}/jira/rest/api/2/issue/{key}", headers=pat, timeout=5).status_code == 204
    with pytest.raises(JIRAError) as caught:
        jira.issue(key)
    assert caught.value.status_code == 404
    assert made(jira) != key


def test_who_may_not(behaving: Sandbox) -> None:
    address = f"{behaving.url}/jira/rest/api/2/issue/PLAT-1"
    assert requests.get(address, timeout=5).json()["errorMessages"][1] == "Login Required"
    wrong = requests.get(address, headers={"Authorization": "Bearer nope"}, timeout=5)
    assert (wrong.status_code, wrong.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")


def test_remote_links_with_the_same_global_id_are_one(behaving: Sandbox, jira: JIRA) -> None:
    key = made(jira)
    address = f"{behaving.url}/jira/rest/api/2/issue/{key}/remotelink"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for title, status in (("one", 201), ("two", 200)):
        body = {"globalId": "g", "object": {"url": "http://127.0.0.1/", "title": title}}
        assert requests.post(address, json=body, headers=headers, timeout=5).status_code == status
    assert [one.object.title for one in jira.remote_links(key)] == ["two"]


def test_webhooks_are_signed_over_the_raw_body_and_say_what_changed(
    behaving: Sandbox, jira: JIRA, receiver: Receiver
) -> None:
    key = made(jira, "Tell me")
    receiver.wait_for(1)
    press(behaving, key, "done", comment="Granted")
    received = receiver.wait_for(4)
    events = [json.loads(one.body)["webhookEvent"] for one in received]
    assert events[0] == "jira:issue_created"
    assert sorted(events[1:]) == ["comment_created", "jira:issue_updated", "jira:issue_updated"]
    for one in received:
        expected = hmac.new(SECRET.encode(), one.body, hashlib.sha256).hexdigest()
        assert one.headers["x-hub-signature"] == f"sha256={expected}"
    assert len({one.headers["x-atlassian-webhook-identifier"] for one in received}) == 4
    changes = [item for one in received for item in json.loads(one.body).get("changelog", {}).get("items", [])]
    assert {"field": "status", "to": "Done"} in [{"field": c["field"], "to": c["toString"]} for c in changes]


def test_a_webhook_is_dropped_doubled_or_overtaken(behaving: Sandbox, jira: JIRA, receiver: Receiver) -> None:
    behaving.fault("webhook-dropped", "jira", times=1)
    made(jira, "dropped")
    behaving.fault("webhook-doubled", "jira", times=1)
    time.sleep(0.2)
    made(jira, "doubled")
    assert len(receiver.wait_for(2)) == 2
    behaving.fault("webhook-delayed", "jira", seconds=1, times=1)
    made(jira, "first")
    time.sleep(0.2)
    made(jira, "second")
    summaries = [json.loads(one.body)["issue"]["fields"]["summary"] for one in receiver.wait_for(4)]
    assert summaries == ["doubled", "doubled", "second", "first"]


def test_a_reordered_webhook_is_sent_after_the_next_one(behaving: Sandbox, jira: JIRA, receiver: Receiver) -> None:
    behaving.fault("webhook-reordered", "jira", seconds=5, times=1)
    made(jira, "first")
    time.sleep(0.2)
    made(jira, "second")
    summaries = [json.loads(one.body)["issue"]["fields"]["summary"] for one in receiver.wait_for(2)]
    assert summaries == ["second", "first"]


def test_an_early_webhook_arrives_before_the_answer(behaving: Sandbox, jira: JIRA, receiver: Receiver) -> None:
    behaving.fault("webhook-early", "jira", times=1)
    made(jira, "early")
    assert len(receiver.received) == 1


def test_a_delayed_webhook_comes_later(behaving: Sandbox, jira: JIRA, receiver: Receiver) -> None:
    behaving.fault("webhook-delayed", "jira", seconds=0.5, times=1)
    began = time.monotonic()
    made(jira, "late")
    assert time.monotonic() - began < 0.5
    assert receiver.wait_for(1)[0].at - began >= 0.5


def test_the_buttons_of_the_board(behaving: Sandbox, jira: JIRA) -> None:
    key = made(jira, "<script>alert(1)</script>")
    page = requests.get(f"{behaving.url}/jira/browse/{key}", timeout=5).text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    for button, status in (("start", "In Progress"), ("wont-do", "Done"), ("reopen", "To Do"), ("done", "Done")):
        assert press(behaving, key, button).status_code == 302
        assert jira.issue(key).fields.status.name == status
    assert press(behaving, key, "comment", comment="Please").status_code == 302
    assert jira.comments(key)[-1].author.name == "pat"
    assert press(behaving, key, "explode").status_code == 400
