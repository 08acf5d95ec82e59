"""Slack's Web API methods and the mailbox."""

import smtplib
from email.message import EmailMessage
from typing import Any

import requests

from tests.sandbox.process import Sandbox

TOKEN = {"Authorization": "Bearer sandbox-slack-token"}


def call(sandbox: Sandbox, method: str, **arguments: Any) -> Any:
    return requests.post(f"{sandbox.url}/slack/api/{method}", json=arguments, headers=TOKEN, timeout=5).json()


def test_a_direct_message_to_the_owner_of_an_email_address(behaving: Sandbox) -> None:
    address = f"{behaving.url}/slack/api/users.lookupByEmail"
    alice = requests.get(address, params={"email": "Alice@acme.example"}, headers=TOKEN, timeout=5).json()["user"]["id"]
    posted = call(behaving, "chat.postMessage", channel=alice, text="Your run is done", metadata={"event_type": "x"})
    again = call(behaving, "chat.postMessage", channel=alice, text="Really")
    assert again["channel"] == posted["channel"]
    history = call(behaving, "conversations.history", channel=alice)["messages"]
    assert [message["text"] for message in history] == ["Really", "Your run is done"]
    assert history[1]["metadata"] == {"event_type": "x"}
    assert "Your run is done" in requests.get(f"{behaving.url}/slack/", timeout=5).text


def test_a_message_to_a_channel_by_name(behaving: Sandbox) -> None:
    assert call(behaving, "chat.postMessage", channel="#acme-platform", text="hello")["ok"] is True
    assert call(behaving, "chat.postMessage", channel="#nowhere", text="hello") == {
        "ok": False,
        "error": "channel_not_found",
    }


def test_a_refused_call_is_a_200_with_an_error(behaving: Sandbox) -> None:
    address = f"{behaving.url}/slack/api/chat.postMessage"
    anonymous = requests.post(address, json={"channel": "general", "text": "x"}, timeout=5)
    assert (anonymous.status_code, anonymous.json()) == (200, {"ok": False, "error": "not_authed"})
    wrong = requests.post(address, json={}, headers={"Authorization": "Bearer nope"}, timeout=5)
    assert wrong.json()["error"] == "invalid_auth"
    assert call(behaving, "chat.postMessage", channel="general")["error"] == "no_text"
    assert call(behaving, "users.lookupByEmail", email="nobody@acme.example")["error"] == "users_not_found"


def test_emails_arrive_in_the_mailbox(behaving: Sandbox) -> None:
    email = EmailMessage()
    email["Subject"], email["From"], email["To"] = "Olá", "onramp@acme.example", "alice@acme.example"
    email.set_content("Your run is ready: http://127.0.0.1/x")
    with smtplib.SMTP("127.0.0.1", behaving.smtp_port, timeout=5) as server:
        server.send_message(email)
    address = f"{behaving.url}/mailbox/messages"
    arrived = requests.get(address, params={"to": "alice@acme.example"}, timeout=5).json()["messages"][0]
    assert (arrived["subject"], arrived["from"]) == ("Olá", "onramp@acme.example")
    assert "Your run is ready" in arrived["text"]
    assert 'href="http://127.0.0.1/x"' in requests.get(f"{behaving.url}/mailbox/", timeout=5).text
    requests.delete(address, timeout=5).raise_for_status()
    assert requests.get(address, timeout=5).json()["messages"] == []
