"""No answer costs more than its kind may: one suite over every provider, with servers that want to exhaust the reader."""

import time
from typing import Any

import pytest

from integrations import http
from integrations.errors import Transient
from integrations.providers import Registration
from tests.integrations import hostile
from tests.integrations.hostile import MEBIBYTE, Behaviour
from tests.integrations.promises import Row
from tests.integrations.test_promises import calls_of, every_call, every_provider, failure, only_our_errors, provider_at

IN_TRANSIT = 32 * MEBIBYTE
"""Bytes of one answer that are read at most, or lie in buffers between us and the server."""
PATIENCE = 0.5


@every_provider
@pytest.mark.parametrize("behaviour", hostile.ENDLESS, ids=lambda behaviour: behaviour.__name__)
def test_an_answer_without_an_end_is_given_up(
    registration: Registration[Any], row: Row[Any], behaviour: Behaviour
) -> None:
    for name, call in calls_of(row):
        with hostile.behaving(behaviour) as (url, peers), provider_at(url, registration, row) as provider:
            with http.recording() as calls:
                error = failure(call, provider)
            assert not error.refused, f"{name} may have been a yes"
            assert len(calls) == 1, f"{name} was repeated"
            assert sum(peer.sent for peer in peers) < IN_TRANSIT, name


@every_provider
@pytest.mark.parametrize("behaviour", hostile.SLOW, ids=lambda behaviour: behaviour.__name__)
def test_an_answer_that_takes_its_time_is_given_up(
    registration: Registration[Any], row: Row[Any], behaviour: Behaviour
) -> None:
    for name, call in calls_of(row):
        with hostile.behaving(behaviour) as (url, peers), provider_at(url, registration, row) as provider:
            with http.deadline(time.monotonic() + PATIENCE):
                error = failure(call, provider)
            assert not any(peer.complete for peer in peers), f"{name} waited for the end"
            assert isinstance(error, Transient), name
            assert error.ambiguous, name
            assert "within" in error.message, name


HARMFUL = {
    "deep": hostile.nested(100_000),
    "deep in an object": b'{"ok": true, "value": ' + hostile.nested(900) + b"}",
    "many values": b"[" + b"[]," * 2_000_000 + b"[]]",
    "a huge number": b'{"ok": true, "number": 1' + b"0" * 4000 + b"}",
    "an endless number": b'{"ok": true, "number": 1' + b"0" * 100_000 + b"}",
    "no number": b'{"ok": true, "number": NaN}',
    "infinite": b'{"ok": true, "number": 1e999}',
}


@every_provider
@pytest.mark.parametrize("body", HARMFUL.values(), ids=HARMFUL)
@pytest.mark.parametrize("status", ["200 OK", "422 Unprocessable"])
def test_json_that_harms_its_reader_is_our_error(
    registration: Registration[Any], row: Row[Any], body: bytes, status: str
) -> None:
    with (
        hostile.behaving(hostile.whole(body, status=status)) as (url, _),
        provider_at(url, registration, row) as provider,
    ):
        for name, call in calls_of(row):
            assert failure(call, provider).refused == (status[0] == "4"), name
        for call in every_call(row):
            only_our_errors(call, provider)
