"""No answer costs more than its kind may: one suite over every provider, with servers that want to exhaust the reader."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from database.storable import storable
from integrations import http
from integrations.errors import MAX_DETAIL, MAX_MESSAGE, MAX_RETRY_AFTER, IntegrationError, Transient
from integrations.providers import Registration
from tests.integrations import hostile
from tests.integrations.answering import Answer
from tests.integrations.hostile import MEBIBYTE, Behaviour
from tests.integrations.promises import Case, Row
from tests.integrations.test_promises import (
    calls_of,
    every_call,
    every_case,
    every_provider,
    failure,
    only_our_errors,
    provider_at,
    provider_with,
)

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


UNSTORABLE = "a\x00b\ud800c"


@every_case("reads", "change")
def test_text_that_cannot_be_stored_is_replaced(
    registration: Registration[Any], row: Row[Any], case: Case[Any]
) -> None:
    """NUL and half a surrogate pair, in each text of the good answer."""
    answers = {"": case.answers} if isinstance(case.answers, Answer) else dict(case.answers)
    with provider_with(answers, registration, row) as provider:
        for request, answer in list(answers.items()):
            for body in with_each_text_replaced(answer.body):
                answers[request] = dataclasses.replace(answer, body=body)
                assert [text for text in texts_of(outcome(case.call, provider)) if storable(text) != text] == []
            answers[request] = answer


def outcome(call: Callable[[Any], object], provider: Any) -> object:
    try:
        return call(provider)
    except IntegrationError as error:
        assert len(error.message + error.detail) <= MAX_MESSAGE + MAX_DETAIL
        return [error.message, error.detail, str(error)]


def with_each_text_replaced(body: object) -> Iterator[object]:
    if isinstance(body, str):
        yield UNSTORABLE
    if isinstance(body, dict):
        for key, value in body.items():
            yield {name: other for name, other in body.items() if name != key} | {UNSTORABLE: value}
            yield from ({**body, key: replaced} for replaced in with_each_text_replaced(value))
    if isinstance(body, list):
        for index, value in enumerate(body):
            yield from ([*body[:index], replaced, *body[index + 1 :]] for replaced in with_each_text_replaced(value))


def texts_of(result: object) -> Iterator[str]:
    if isinstance(result, str):
        yield result
    elif dataclasses.is_dataclass(result) and not isinstance(result, type):
        yield from texts_of(vars(result))
    elif isinstance(result, dict):
        yield from texts_of([*result.keys(), *result.values()])
    elif isinstance(result, list | tuple | set | frozenset):
        for item in result:
            yield from texts_of(item)


@every_provider
@pytest.mark.parametrize("status", [200, 400, 404, 409, 422, 503])
def test_an_error_can_be_stored_and_is_short(registration: Registration[Any], row: Row[Any], status: int) -> None:
    words = "a\x00b<html>" * 10_000
    bodies = (
        words,
        {"message": UNSTORABLE + words, "error": UNSTORABLE + words, "errorMessages": [words], "ok": False},
    )
    for body in bodies:
        with provider_with(Answer(body, status), registration, row) as provider:
            for call in every_call(row):
                texts = list(texts_of(outcome(call, provider)))
                assert [text for text in texts if storable(text) != text] == []


ODD_HEADERS = (
    {"Retry-After": "9" * 400, "X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "few"},
    {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2359", "X-RateLimit-Limit": "1e999", "X-RateLimit-Remaining": "1e999"},
    {"X-RateLimit-Limit": "9", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 400, "ETag": "\xff\x01"},
    {"Date": "Mon, 99999999999999999999 Jan 2026 00:00:00 GMT", "Retry-After": "Thu, 01 Jan 1 00:00:00 GMT"},
    {"Warning": "299 " * 5_000, "Set-Cookie": "a=b; Path=/; Max-Age=99999999999999999999", "Location": "http://[::"},
    {"Content-Encoding": "gzip, gzip, gzip, gzip, gzip, gzip, gzip"},
    {"Content-Encoding": "gzip"},
    {"Location": "http://a.example:99999999/"},
    {"Location": "\xff"},
    {"Location": "mailto:a"},
)


@every_provider
@pytest.mark.parametrize("headers", ODD_HEADERS, ids=range(len(ODD_HEADERS)))
@pytest.mark.parametrize("status", [200, 302, 403, 429, 503])
def test_odd_headers_are_our_error(
    registration: Registration[Any], row: Row[Any], status: int, headers: dict[str, str]
) -> None:
    with provider_with(Answer("{}", status, headers), registration, row) as provider, http.recording() as calls:
        for call in every_call(row):
            try:
                call(provider)
            except Transient as error:
                assert error.retry_after is None or 0 <= error.retry_after <= MAX_RETRY_AFTER
            except IntegrationError:
                continue
    assert all(call.pause is None or 0 <= call.pause <= MAX_RETRY_AFTER for call in calls)


@every_provider
@pytest.mark.parametrize("charset", ["utf-16", "unicode_escape", "zip", "utf-7", "nonsense"])
def test_an_answer_is_utf_8_whatever_it_claims(registration: Registration[Any], row: Row[Any], charset: str) -> None:
    """Otherwise it could be checked in one encoding and read in another."""
    answers = {"": row.ready} if isinstance(row.ready, Answer) else row.ready
    claimed: dict[str, Answer] = {
        request: dataclasses.replace(answer, headers={"Content-Type": f"application/json; charset={charset}"})
        for request, answer in answers.items()
    }
    with provider_with(claimed, registration, row) as provider:
        provider.ready()


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
