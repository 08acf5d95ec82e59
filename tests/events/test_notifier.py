"""A notification is sent by a thread: the caller never waits for the broker."""

import logging
import threading
from queue import Queue

import pytest

from events import notifier

SECONDS = 5


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No transport and no thread of an earlier test."""
    monkeypatch.setattr(notifier, "_transport", [])
    monkeypatch.setattr(notifier, "_sender", [])


def test_without_a_transport_nothing_is_sent() -> None:
    notifier.notify("events", 7)
    assert notifier._sender == []


def test_a_notification_is_sent_by_another_thread() -> None:
    sent: Queue[tuple[str, int, str]] = Queue()
    notifier.set_transport(lambda queue, row_id: sent.put((queue, row_id, threading.current_thread().name)))
    notifier.notify("events", 7)
    assert sent.get(timeout=SECONDS) == ("events", 7, "notifier")


def test_a_transport_that_fails_loses_only_that_notification(caplog: pytest.LogCaptureFixture) -> None:
    sent: Queue[int] = Queue()

    def send(queue: str, row_id: int) -> None:
        if row_id == 1:
            raise ConnectionError("the broker is down")
        sent.put(row_id)

    notifier.set_transport(send)
    with caplog.at_level(logging.WARNING):
        notifier.notify("events", 1)
        notifier.notify("events", 2)
        assert sent.get(timeout=SECONDS) == 2
    assert "a notification of events 1 was lost: the broker is down" in caplog.text


def test_a_broker_that_hangs_does_not_delay_the_caller(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notifier, "_LIMIT", 1)
    hanging, released = threading.Event(), threading.Event()

    def hang(queue: str, row_id: int) -> None:
        hanging.set()
        released.wait(SECONDS)

    notifier.set_transport(hang)
    notifier.notify("events", 1)
    assert hanging.wait(SECONDS)
    for row_id in (2, 3):
        notifier.notify("events", row_id)
    released.set()
    assert "the sweep will find events 3" in caplog.text
