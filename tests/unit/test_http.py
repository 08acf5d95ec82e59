"""The rules of every exchange with a provider."""

import time
from contextlib import AbstractContextManager, nullcontext

import pytest

from integrations import http
from integrations.errors import Transient
from integrations.http import Call, Waiter

NOWHERE = "http://127.0.0.1:9/"


def test_nothing_is_sent_after_the_deadline() -> None:
    with http.recording() as calls, http.deadline(time.monotonic()), pytest.raises(Transient) as refused:
        http.session("github").post(NOWHERE)
    assert refused.value.refused, "a request that was not sent had no effect"
    assert calls == []


def test_a_request_is_sent_before_the_deadline() -> None:
    with http.recording() as calls, http.deadline(time.monotonic() + 5), pytest.raises(Transient) as failed:
        http.session("github").post(NOWHERE)
    assert not failed.value.refused
    assert len(calls) == 1


class SlowGate:
    """Delays every exchange."""

    def turn(self, provider: str, waiter: Waiter) -> AbstractContextManager[None]:
        return nullcontext()

    def enter(self, provider: str, *, changes: bool) -> None:
        time.sleep(0.2)

    def leave(self, provider: str, call: Call) -> None:
        """Records nothing."""


def test_waiting_at_the_gate_counts_against_the_deadline() -> None:
    http.set_gate(SlowGate())
    try:
        with http.recording() as calls, http.deadline(time.monotonic() + 0.1), pytest.raises(Transient) as refused:
            http.session("github").post(NOWHERE)
    finally:
        http.set_gate(None)
    assert refused.value.refused, "nothing was sent"
    assert calls == []


def test_a_call_with_an_effect_is_refused_while_planning() -> None:
    with http.recording() as calls, http.read_only(), pytest.raises(http.EffectWhilePlanning):
        http.session("github").post(NOWHERE)
    assert calls == []
