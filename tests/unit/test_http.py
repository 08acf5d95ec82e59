"""The one door to the outside: what must hold of every exchange, whatever the provider."""

import time

import pytest

from integrations import http
from integrations.errors import Transient
from integrations.http import Call

NOBODY = "http://127.0.0.1:9/"


def test_after_the_deadline_nothing_is_sent() -> None:
    with http.recording() as calls, http.until(time.monotonic()), pytest.raises(Transient) as refused:
        http.session("github").post(NOBODY)
    assert refused.value.refused, "what was not sent needs no looking for"
    assert calls == []


def test_before_the_deadline_it_is_tried() -> None:
    with http.recording() as calls, http.until(time.monotonic() + 5), pytest.raises(Transient) as failed:
        http.session("github").post(NOBODY)
    assert not failed.value.refused
    assert len(calls) == 1


class Slow:
    """A gate at which everybody waits a moment."""

    def enter(self, provider: str, *, changes: bool) -> None:
        time.sleep(0.2)

    def leave(self, provider: str, call: Call) -> None:
        """Nothing to note."""


def test_waiting_for_a_turn_counts_against_the_deadline() -> None:
    http.keep_gate(Slow())
    try:
        with http.recording() as calls, http.until(time.monotonic() + 0.1), pytest.raises(Transient) as refused:
            http.session("github").post(NOBODY)
    finally:
        http.keep_gate(None)
    assert refused.value.refused, "nothing was sent"
    assert calls == []


def test_planning_sends_only_questions() -> None:
    with http.recording() as calls, http.reading(), pytest.raises(http.EffectWhilePlanning):
        http.session("github").post(NOBODY)
    assert calls == []
