"""Slack and e-mail, against the sandbox's; see also test_promises."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
def answering_slack(body: str, status: int = 200, **headers: str) -> Iterator[Slack]:
    with answering(body, status, **headers) as url:
        yield provider(url)


def history(sandbox: Sandbox, channel: str) -> list[dict[str, Any]]:
    address = f"{sandbox.url}/slack/api/conversations.history"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.post(address, json={"channel": channel}, headers=headers, timeout=5)
    return list(answer.json()["messages"])


def test_it_implements_chat(chat: Slack) -> None:
    implementation: Chat = chat
    implementation.ready()


def test_foreign_text_is_neither_a_mention_nor_a_link(behaving: Sandbox, chat: Slack) -> None:
    reference = chat.send("bob@acme.example", "<!channel> <https://evil|x> &amp; http://portal/runs/1", "message-8")
    text = history(behaving, reference.partition("/")[0])[0]["text"]
    assert text == "&lt;!channel&gt; &lt;https://evil|x&gt; &amp;amp; http://portal/runs/1"


def test_a_person_gets_one_message_with_its_key(behaving: Sandbox, chat: Slack) -> None:
    with http.recording() as calls:
        reference = chat.send("bob@acme.example", "Your run is ready", "message-7")
    assert [call.method for call in calls] == ["GET", "POST"]
    channel, _, ts = reference.partition("/")
    newest = history(behaving, channel)[0]
    assert (newest["ts"], newest["text"]) == (ts, "Your run is ready")
    assert newest["metadata"]["event_payload"] == {"key": "message-7"}


def test_a_channel_is_addressed_by_its_name(behaving: Sandbox, chat: Slack) -> None:
    chat.send("#acme-platform", "A new blocker", "message-8")
    assert history(behaving, "#acme-platform")[0]["text"] == "A new blocker"


def test_an_unknown_person_or_channel_is_missing(chat: Slack) -> None:
    with pytest.raises(Missing, match="users_not_found"):
        chat.send("nobody@acme.example", "x", "k")
    with pytest.raises(Missing, match="channel_not_found"):
        chat.send("#nowhere", "x", "k")


def test_planning_sends_no_message(chat: Slack) -> None:
    with http.read_only(), pytest.raises(http.EffectWhilePlanning):
        chat.send("bob@acme.example", "x", "k")


def test_a_wrong_token_is_denied(behaving: Sandbox) -> None:
    with pytest.raises(Denied) as caught:
        provider(behaving.url, "nope").ready()
    assert caught.value.credentials


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("missing_scope", Denied),
        ("is_archived", Denied),
        ("internal_error", Transient),
        ("ratelimited", Transient),
        ("msg_too_long", Invalid),
    ],
)
def test_an_error_code_of_slack_becomes_one_of_our_errors(code: str, kind: type[Exception]) -> None:
    with answering_slack(f'{{"ok": false, "error": "{code}"}}') as chat, pytest.raises(kind, match=code):
        chat.send("#general", "x", "k")


def test_only_a_rate_limit_certainly_had_no_effect() -> None:
    with (
        answering_slack('{"ok": false, "error": "ratelimited"}', Retry_After="30") as chat,
        pytest.raises(Transient) as caught,
    ):
        chat.send("#general", "x", "k")
    assert (caught.value.ambiguous, caught.value.retry_after) == (False, 30.0)
    with answering_slack('{"ok": false, "error": "fatal_error"}') as chat, pytest.raises(Transient) as caught:
        chat.send("#general", "x", "k")
    assert caught.value.ambiguous


@pytest.fixture
def smtp(behaving: Sandbox, settings: Settings) -> Sandbox:
    settings.EMAIL_BACKEND = "integrations.chat.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", behaving.smtp_port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.DEFAULT_FROM_EMAIL = "onramp@acme.example"
    return behaving


def emails(sandbox: Sandbox, to: str) -> list[dict[str, Any]]:
    return list(requests.get(f"{sandbox.url}/mailbox/messages", params={"to": to}, timeout=5).json()["messages"])


def test_an_email_arrives_with_its_key(smtp: Sandbox) -> None:
    mail.send("dana@acme.example", "Ready:\n vault", "http://127.0.0.1/run", key="message-9")
    (email,) = emails(smtp, "dana@acme.example")
    assert (email["subject"], email["message_id"]) == ("Ready: vault", "<message-9@onramp>")
    assert "http://127.0.0.1/run" in email["text"]


def test_an_impossible_address_is_invalid(smtp: Sandbox) -> None:
    with pytest.raises(Invalid):
        mail.send("not an address@@", "x", "y", key="k")


def test_an_unreachable_mail_server_is_transient(smtp: Sandbox, settings: Settings) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(Transient):
        mail.send("dana@acme.example", "x", "y", key="k")


def test_planning_sends_no_email(smtp: Sandbox) -> None:
    with http.read_only(), pytest.raises(http.EffectWhilePlanning):
        mail.send("pat@acme.example", "x", "y", key="k")
    assert emails(smtp, "pat@acme.example") == []


@contextmanager
def talking(line: bytes, times: int, pause: float = 0) -> Iterator[tuple[int, list[int]]]:
    """(port of a mail server whose greeting has so many lines, how many it got rid of)."""
    sent = [0]

    def greet() -> None:
        with suppress(OSError), server.accept()[0] as connection:
            for _ in range(times):
                connection.sendall(line)
                sent[0] += 1
                time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=greet, daemon=True).start()
        yield server.getsockname()[1], sent


@pytest.mark.parametrize(("times", "pause"), [(10_000_000, 0), (90, 0.1)], ids=["endless", "slow"])
def test_a_mail_server_that_talks_without_end_is_given_up(settings: Settings, times: int, pause: float) -> None:
    with talking(b"220-mail.example\r\n", times, pause) as (port, sent):
        settings.EMAIL_BACKEND, settings.EMAIL_PORT = "integrations.chat.smtp.EmailBackend", port
        settings.EMAIL_HOST = "127.0.0.1"
        with http.deadline(time.monotonic() + 0.5), pytest.raises(Transient):
            mail.send("bob@acme.example", "Your run is ready", "Text", key="message-9")
        assert sent[0] < times
