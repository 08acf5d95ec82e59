"""JIRA as the provider of *issues*, against the sandbox's; see also test_promises."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import requests
from jira import JIRAError
from pydantic import SecretStr

from integrations import http
from integrations.errors import Conflict, Denied, Invalid, Missing, Transient
from integrations.issues import Category, Issues
from integrations.issues.jira import Jira, Options
from integrations.webhooks import BadSignature, Unreadable, WebhookReceiver
from tests.integrations.answering import Answer, answering, serving
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import receiving

TOKEN = "sandbox-jira-token"
CLOUD_USER = "onramp-bot@acme.example"
SECRET = "whispered"


def provider(sandbox: Sandbox, token: str = TOKEN, **more: str) -> Jira:
    url = f"{sandbox.url}/jira"
    return Jira(Options(url=url, token=SecretStr(token), webhook_secret=SecretStr(SECRET), **more))


def cloud(sandbox: Sandbox, token: str = TOKEN, **more: str) -> Jira:
    url = f"{sandbox.url}/jira-cloud"
    secret = SecretStr(SECRET)
    return Jira(Options(url=url, user=CLOUD_USER, token=SecretStr(token), webhook_secret=secret, **more))


@pytest.fixture(params=[provider, cloud], ids=["Data Center", "Cloud"])
def issues(behaving: Sandbox, request: pytest.FixtureRequest) -> Jira:
    provider: Jira = request.param(behaving)
    return provider


def marked(issues: Jira, word: str) -> str:
    """A marker that the same test does not use for the other edition."""
    return f"{word}-{'cloud' if issues.is_cloud else 'server'}"


def api(issues: Jira) -> str:
    """The path of its API."""
    return "/jira-cloud/rest/api/3" if issues.is_cloud else "/jira/rest/api/2"


def press(sandbox: Sandbox, key: str, button: str, **form: str) -> None:
    requests.post(f"{sandbox.url}/jira/browse/{key}/{button}", data=form, timeout=5).raise_for_status()


def create(issues: Issues, marker: str = "onramp-x-1") -> str:
    return issues.create(project="PLAT", summary="Grant quota", body="Please", labels=["onramp"], marker=marker).id


def test_it_implements_issues_and_webhook_receiver(issues: Jira) -> None:
    implementations: tuple[Issues, WebhookReceiver] = (issues, issues)
    assert implementations
    issues.ready()


def test_creating_a_ticket_is_one_request_with_the_marker(issues: Jira) -> None:
    with http.recording() as calls:
        ticket = issues.create(project="PLAT", summary="Grant quota", body="Please", marker=marked(issues, "marker-1"))
    assert [(call.method, call.status) for call in calls] == [("POST", 201)]
    assert ticket.category is Category.NEW
    tickets = issues.find(marked(issues, "marker-1"))
    assert [ticket.id for ticket in tickets] == [ticket.id]
    assert (tickets[0].summary, tickets[0].project, tickets[0].done, tickets[0].declined) == (
        "Grant quota",
        "PLAT",
        False,
        False,
    )
    assert tickets[0].url == f"{issues.options.url}/browse/{ticket.key}"


def test_tickets_with_the_same_marker_are_listed_oldest_first(issues: Jira) -> None:
    first, second = create(issues, marked(issues, "twice")), create(issues, marked(issues, "twice"))
    assert [ticket.id for ticket in issues.find(marked(issues, "twice"))] == [first, second]


def test_the_search_lags_but_reading_does_not(behaving: Sandbox, issues: Jira) -> None:
    lag = f"{behaving.url}/jira/_/lag"
    requests.post(lag, json={"seconds": 0.5}, timeout=5).raise_for_status()
    try:
        number = create(issues, marked(issues, "lagging"))
        assert issues.find(marked(issues, "lagging")) == []
        assert issues.read(number) is not None
        time.sleep(0.6)
        assert [ticket.id for ticket in issues.find(marked(issues, "lagging"))] == [number]
    finally:
        requests.post(lag, json={"seconds": 0}, timeout=5).raise_for_status()


def test_after_a_lost_answer_the_marker_finds_the_ticket(behaving: Sandbox, issues: Jira) -> None:
    behaving.fault("reset-after", f"{api(issues)}/issue", method="POST", times=1)
    with pytest.raises(Transient) as caught:
        create(issues, marked(issues, "lost"))
    assert caught.value.ambiguous
    assert len(issues.find(marked(issues, "lost"))) == 1
    requested = behaving.requests(provider="jira", method="POST")
    posts = [request for request in requested if request["fault"] == "reset-after"]
    assert len(posts) == 1


@pytest.mark.parametrize(("button", "declined"), [("done", False), ("wont-do", True)])
def test_a_closed_ticket_is_done_or_declined(behaving: Sandbox, issues: Jira, button: str, declined: bool) -> None:
    number = create(issues)
    ticket = issues.read(number)
    assert ticket
    press(behaving, ticket.key, button, comment="As you wish")
    closed = issues.read(number)
    assert closed
    assert (closed.done, closed.declined) == (True, declined)
    assert ticket.changed
    assert closed.changed
    assert closed.changed > ticket.changed
    issues.comment(number, "One more thing")
    later = issues.read(number)
    assert later
    assert later.changed == closed.changed
    press(behaving, ticket.key, "reopen")
    press(behaving, ticket.key, button)
    again = issues.read(number)
    assert again
    assert again.changed
    assert again.changed > closed.changed
    comments = [(comment.author, comment.body) for comment in issues.comments(number)]
    assert comments == [("Pat Nakamura", "As you wish"), ("Onramp", "One more thing")]


def test_a_moved_ticket_is_followed_and_a_deleted_one_is_none(behaving: Sandbox, issues: Jira) -> None:
    number = create(issues)
    before = issues.read(number)
    assert before
    press(behaving, before.key, "move", project="ACME")
    by_key = issues.read(before.key)
    by_id = issues.read(number)
    assert by_key
    assert by_id
    assert (by_key.id, by_key.project, by_key.moved, by_id.moved) == (number, "ACME", True, False)
    press(behaving, by_key.key, "delete")
    if issues.is_cloud:  # which says the same of what is hidden
        with pytest.raises(Denied, match="was deleted, or is hidden from Onramp"):
            issues.read(number)
    else:
        assert issues.read(number) is None
    with pytest.raises(Missing):
        issues.comment(number, "Anybody here?")


def test_a_hidden_ticket_is_no_deleted_one(behaving: Sandbox, issues: Jira) -> None:
    number = create(issues)
    ticket = issues.read(number)
    assert ticket
    press(behaving, ticket.key, "hide")
    with pytest.raises(Denied) as denied:
        issues.read(number)
    assert not denied.value.credentials
    press(behaving, ticket.key, "show")
    assert issues.read(number) == ticket


FOREIGN = "*Cause*\nTeam [~admin] !img! {html} \\[x|https://evil]\n* http://portal/runs/1"


def test_foreign_text_is_inert_in_a_ticket_and_comes_back_as_it_was(behaving: Sandbox) -> None:
    issues, text = provider(behaving), FOREIGN
    ticket = issues.create(project="PLAT", summary="Inert", body=text, marker="inert")
    raw = issues._client.issue(ticket.id).raw["fields"]["description"]
    assert raw == (
        "*Cause*\nTeam \\[~admin\\] \\!img\\! \\{html\\} &#92;\\[x\\|https://evil\\]\n* http://portal/runs/1"
    )
    issues.comment(ticket.id, text)
    (comment,) = issues.comments(ticket.id)
    assert comment.body == text


def test_text_is_a_document_for_the_cloud_and_comes_back_as_it_was(behaving: Sandbox) -> None:
    issues = cloud(behaving)
    ticket = issues.create(project="PLAT", summary="Inert", body=FOREIGN, marker="inert")
    issues.comment(ticket.id, FOREIGN)
    (comment,) = issues.comments(ticket.id)
    assert comment.body == FOREIGN.replace("*Cause*", "Cause")
    with pytest.raises(JIRAError, match="Atlassian Document"):
        issues._client.add_comment(ticket.id, "text")


def test_all_pages_of_a_search_are_read(issues: Jira) -> None:
    """JIRA Cloud decides how many issues a page has; a short one is not the last."""
    created = [create(issues, marked(issues, "many")) for _ in range(5)]
    assert [ticket.id for ticket in issues.find(marked(issues, "many"))] == created


def test_all_pages_of_comments_are_read(issues: Jira) -> None:
    number = create(issues)
    for count in range(52):
        issues.comment(number, f"Comment {count}")
    comments = issues.comments(number)
    assert [comment.body for comment in comments] == [f"Comment {count}" for count in range(52)]
    with http.recording() as calls:
        assert len(issues.comments(number, since=comments[-3].at)) == 2
    assert len(calls) == 1, "older ones are not asked for"


def test_comments_come_in_order_whatever_the_order_of_the_pages() -> None:
    """A server that knows no order begins with the oldest; and one comment moves to the next page meanwhile."""

    def page(*numbers: int) -> Answer:
        comments = [
            {"id": str(number), "body": f"Comment {number}", "created": f"2026-01-01T00:00:{number:02}.000+0000"}
            for number in numbers
        ]
        return Answer({"startAt": 0, "maxResults": 2, "total": 5, "comments": comments})

    path = "GET /rest/api/2/issue/1/comment?orderBy=-created&startAt="
    pages = {f"{path}0": page(8, 9), f"{path}2": page(9, 10), f"{path}4": page(11)}
    with serving(pages) as url:
        issues = Jira(Options(url=url, token=SecretStr(TOKEN)))
        assert [comment.id for comment in issues.comments("1")] == ["8", "9", "10", "11"]
        since = datetime(2026, 1, 1, 0, 0, 9, tzinfo=UTC)
        assert [comment.id for comment in issues.comments("1", since)] == ["10", "11"]


def test_comments_can_be_limited_to_those_after_a_time(issues: Jira) -> None:
    number = create(issues)
    first = issues.comment(number, "One")
    moment = issues.comments(number)[0].at
    time.sleep(0.01)
    second = issues.comment(number, "Two")
    assert [comment.id for comment in issues.comments(number)] == [first, second]
    assert [comment.body for comment in issues.comments(number, since=moment)] == ["Two"]
    assert issues.comments(number, since=datetime.now(UTC) + timedelta(hours=1)) == []


def test_closing_a_closed_ticket_changes_nothing(issues: Jira) -> None:
    number = create(issues)
    issues.close(number, "Cleared automatically")
    with http.recording() as calls:
        issues.close(number, "Cleared automatically")
    assert [call.method for call in calls] == ["GET"]
    ticket = issues.read(number)
    assert ticket
    assert (ticket.done, ticket.declined) == (True, False)
    assert [comment.body for comment in issues.comments(number)] == ["Cleared automatically"]


def test_closing_uses_the_configured_transition(behaving: Sandbox) -> None:
    issues = provider(behaving, close_transition="Won't Do")
    number = create(issues)
    issues.close(number)
    ticket = issues.read(number)
    assert ticket
    assert ticket.declined


def test_a_link_with_the_same_marker_is_replaced(behaving: Sandbox, issues: Jira) -> None:
    number = create(issues)
    for title in ("Run 1", "Run 1, resumed"):
        issues.link(number, "http://127.0.0.1/run/1", title, "run-1")
    address = f"{behaving.url}/jira/rest/api/2/issue/{number}/remotelink"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    links = requests.get(address, headers=headers, timeout=5).json()
    assert [link["object"]["title"] for link in links] == ["Run 1, resumed"]


def test_wrong_input_is_invalid_and_named(issues: Jira) -> None:
    with pytest.raises(Invalid, match="valid project is required"):
        issues.create(project="NOPE", summary="x", body="", marker="m")
    with pytest.raises(ValueError, match="is not a label"):
        issues.find('x" OR project = PLAT')


@pytest.mark.parametrize("provider", [provider, cloud])
def test_a_wrong_token_is_denied(behaving: Sandbox, provider: Callable[..., Jira]) -> None:
    with pytest.raises(Denied) as caught:
        provider(behaving, token="nope").ready()
    assert caught.value.credentials


def test_a_rate_limit_has_a_known_end(behaving: Sandbox, issues: Jira) -> None:
    behaving.fault("rate-limit", api(issues), seconds=9, times=1)
    with pytest.raises(Transient) as caught:
        issues.ready()
    assert (caught.value.retry_after, caught.value.ambiguous) == (9.0, False)


@pytest.mark.parametrize("kind", ["invalid-json", "half-body", "black-hole", "error-before"])
def test_a_broken_answer_is_our_error_after_one_request(
    behaving: Sandbox, issues: Jira, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    behaving.fault(kind, f"{api(issues)}/myself", times=5)
    monkeypatch.setattr(issues._client._session.adapters["http://"], "timeout", 0.5)
    with http.recording() as calls, pytest.raises((Transient, Invalid)):
        issues.ready()
    assert len(calls) == 1


def test_a_ticket_that_somebody_else_changes_is_tried_again() -> None:
    body = json.dumps({"errorMessages": ["The issue is being changed by another request."], "errors": {}})
    with answering(body, 409, Content_Type="application/json") as url, pytest.raises(Transient) as caught:
        Jira(Options(url=url, user=CLOUD_USER, token=SecretStr(TOKEN))).comment("10001", "Hello")
    assert not caught.value.ambiguous


def test_planning_reads_and_never_writes(issues: Jira) -> None:
    number = create(issues, "planned")
    with http.read_only():
        assert issues.read(number)
        assert issues.find("planned")
        assert issues.comments(number) == []
        with pytest.raises(http.EffectWhilePlanning):
            create(issues, "never")
    assert issues.find("never") == []


def test_a_webhook_is_verified_and_translated(behaving: Sandbox, issues: Jira) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    address = f"{behaving.url}/jira/rest/webhooks/1.0/webhook"
    with receiving() as receiver:
        hook = {"name": "t", "url": receiver.url, "events": ["jira:issue_created"], "secret": SECRET}
        registered = requests.post(address, json=hook, headers=headers, timeout=5).json()
        number = create(issues)
        received = receiver.wait_for(1)[0]
        requests.delete(registered["self"], headers=headers, timeout=5)
    delivery = issues.verify(received.headers, received.body)
    assert delivery == received.headers["x-atlassian-webhook-identifier"]
    (event,) = issues.translate(received.headers, received.body)
    ticket = issues.read(number)
    assert ticket
    assert (event.type, event.topic, event.subject) == ("jira.issue_created", f"issues:{number}", ticket.key)
    with pytest.raises(BadSignature):
        issues.verify(received.headers, received.body + b" ")
    with pytest.raises(BadSignature):
        issues.verify({}, received.body)


def test_a_comment_is_reported_without_its_issue_by_data_center(behaving: Sandbox) -> None:
    issues = provider(behaving)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    address = f"{behaving.url}/jira/rest/webhooks/1.0/webhook"
    number = create(issues)
    with receiving() as receiver:
        hook = {"name": "t", "url": receiver.url, "events": ["comment_created"], "secret": SECRET}
        registered = requests.post(address, json=hook, headers=headers, timeout=5).json()
        issues.comment(number, "Done.")
        received = receiver.wait_for(1)[0]
        requests.delete(registered["self"], headers=headers, timeout=5)
    assert "issue" not in json.loads(received.body)
    (event,) = issues.translate(received.headers, received.body)
    assert (event.type, event.topic) == ("jira.comment_created", f"issues:{number}")


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "https://jira.example/issue/x/comment/1",
        "https://jira.example/comment/1",
        f"{'x' * 3000}/issue/1/comment/1",
    ],
)
def test_a_comment_of_no_known_issue_is_ignored(issues: Jira, address: str | None) -> None:
    body = json.dumps({"webhookEvent": "comment_created", "comment": {"self": address}}).encode()
    assert issues.translate({}, body) == []


def test_without_a_secret_no_webhook_is_accepted() -> None:
    issues = Jira(Options(url="http://127.0.0.1:1", token=SecretStr("x")))
    empty = hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature):
        issues.verify({"x-hub-signature": f"sha256={empty}"}, b"{}")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"webhookEvent": 1}', b'{"webhookEvent": "x", "issue": {}}'])
def test_a_body_of_another_shape_is_unreadable(issues: Jira, body: bytes) -> None:
    with pytest.raises(Unreadable):
        issues.translate({}, body)


def test_a_webhook_about_a_user_is_ignored(issues: Jira) -> None:
    assert issues.translate({}, json.dumps({"webhookEvent": "user_created"}).encode()) == []


def test_a_workflow_without_a_closing_transition_is_a_conflict(issues: Jira, monkeypatch: pytest.MonkeyPatch) -> None:
    number = create(issues)
    category = {"key": "indeterminate"}
    only = [{"id": "21", "name": "In Progress", "to": {"statusCategory": category}}]
    monkeypatch.setattr(issues._client, "transitions", lambda _: only)
    with pytest.raises(Conflict, match="cannot be closed"):
        issues.close(number)
