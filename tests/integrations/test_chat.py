"""Slack and e-mail, against the sandbox's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from pydantic import SecretStr
from pytest_django.fixtures import Settings

from integrations import http
from integrations.chat import Chat, mail
from integrations.chat.slack import Options, Slack
from integrations.errors import Denied, Invalid, Missing, Transient
from tests.integrations.answering import answering
from tests.sandbox.process import Sandbox

TOKEN = "sandbox-slack-token"


def provider(url: str, token: str = TOKEN) -> Slack:
    return Slack(Options(api_url=f"{url}/slack/api", token=SecretStr(token)))


@pytest.fixture
def chat(behaving: Sandbox) -> Slack:
    return provider(behaving.url)


@contextmanager
def saying(body: str, status: int = 200, **headers: str) -> Iterator[Slack]:
    with answering(body, status, **headers) as url:
        yield provider(url)


def history(sandbox: Sandbox, channel: str) -> list[dict[str, Any]]:
    address = f"{sandbox.url}/slack/api/conversations.history"
    said = requests.post(address, json={"channel": channel}, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5)
    return list(said.json()["messages"])


def test_it_keeps_the_promise(chat: Slack) -> None:
    kept: Chat = chat
    kept.ready()


def test_a_person_is_written_to_once(behaving: Sandbox, chat: Slack) -> None:
    with http.recording() as calls:
        reference = chat.tell("bob@acme.example", "Your run is ready", "message-7")
    assert [call.method for call in calls] == ["GET", "POST"]
    channel, _, ts = reference.partition("/")
    newest = history(behaving, channel)[0]
    assert (newest["ts"], newest["text"]) == (ts, "Your run is ready")
    assert newest["metadata"]["event_payload"] == {"key": "message-7"}


def test_a_channel_by_name(behaving: Sandbox, chat: Slack) -> None:
    chat.tell("#platform", "A new cause", "message-8")
    assert history(behaving, "#platform")[0]["text"] == "A new cause"


def test_nobody_of_that_name(chat: Slack) -> None:
    with pytest.raises(Missing, match="users_not_found"):
        chat.tell("nobody@acme.example", "x", "k")
    with pytest.raises(Missing, match="channel_not_found"):
        chat.tell("#nowhere", "x", "k")


def test_planning_tells_nobody(chat: Slack) -> None:
    with http.reading(), pytest.raises(http.EffectWhilePlanning):
        chat.tell("bob@acme.example", "x", "k")


def test_a_wrong_token_is_denied(behaving: Sandbox) -> None:
    with pytest.raises(Denied) as caught:
        provider(behaving.url, "nope").ready()
    assert caught.value.credentials


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("missing_scope", Denied),
        ("is_archived", Denied),
        ("internal_error", Transient),
        ("ratelimited", Transient),
        ("msg_too_long", Invalid),
    ],
)
def test_slack_s_words_become_our_errors(word: str, kind: type[Exception]) -> None:
    with saying(f'{{"ok": false, "error": "{word}"}}') as chat, pytest.raises(kind, match=word):
        chat.tell("#general", "x", "k")


def test_only_a_rate_limit_is_surely_without_effect() -> None:
    with saying('{"ok": false, "error": "ratelimited"}', Retry_After="30") as chat, pytest.raises(Transient) as caught:
        chat.tell("#general", "x", "k")
    assert (caught.value.ambiguous, caught.value.retry_after) == (False, 30.0)
    with saying('{"ok": false, "error": "fatal_error"}') as chat, pytest.raises(Transient) as caught:
        chat.tell("#general", "x", "k")
    assert caught.value.ambiguous


@pytest.mark.parametrize("body", ["<html>", "[]", '{"ok": true}', '{"ok": "perhaps"}'])
def test_an_unknown_answer_is_invalid(body: str) -> None:
    with saying(body) as chat, pytest.raises(Invalid):
        chat.tell("#general", "x", "k")


@pytest.fixture
def smtp(behaving: Sandbox, settings: Settings) -> Sandbox:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", behaving.smtp_port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.DEFAULT_FROM_EMAIL = "onramp@acme.example"
    return behaving


def letters(sandbox: Sandbox, to: str) -> list[dict[str, Any]]:
    return list(requests.get(f"{sandbox.url}/mailbox/messages", params={"to": to}, timeout=5).json()["messages"])


def test_a_letter_arrives_with_its_key(smtp: Sandbox) -> None:
    mail.send("dana@acme.example", "Ready:\n vault", "http://127.0.0.1/run", key="message-9")
    (letter,) = letters(smtp, "dana@acme.example")
    assert (letter["subject"], letter["message_id"]) == ("Ready: vault", "<message-9@onramp>")
    assert "http://127.0.0.1/run" in letter["text"]


def test_an_address_that_cannot_be_one_is_invalid(smtp: Sandbox) -> None:
    with pytest.raises(Invalid):
        mail.send("not an address@@", "x", "y", key="k")


def test_no_mail_server_is_transient(smtp: Sandbox, settings: Settings) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(Transient):
        mail.send("dana@acme.example", "x", "y", key="k")


def test_planning_sends_no_letter(smtp: Sandbox) -> None:
    with http.reading(), pytest.raises(http.EffectWhilePlanning):
        mail.send("pat@acme.example", "x", "y", key="k")
    assert letters(smtp, "pat@acme.example") == []
