"""What every provider of every capability promises: one suite over all of them, with real HTTP on the loopback.

A new provider takes part with a row: a module `tests/integrations/promises/<capability>_<provider>.py`.
"""

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, get_args

import pytest
from pydantic import SecretStr

from integrations import http, providers
from integrations.errors import Conflict, Denied, IntegrationError, Missing, Transient
from integrations.providers import Registration
from integrations.secrets import redact
from integrations.webhooks import BadSignature, Unreadable, WebhookReceiver
from portal.logs import Redact
from tests.integrations.answering import Answer, Answers, serving, silent
from tests.integrations.promises import Case, NotPromised, Row, module_of, row_of

Provider = Any
REGISTRATIONS: list[Registration[Any]] = [
    registration for capability in providers.capabilities() for registration in capability.registrations().values()
]
ROWS = [(registration, row) for registration in REGISTRATIONS if (row := row_of(registration)) is not None]
NOT_JSON = ("<html><body>Bad gateway</body></html>", "{", '{"ok": tru', "\x00")
OTHER_SHAPES = ("[]", "{}", "null", '"yes"', "7", "[7]", '{"items": 7}', '{"ok": "perhaps"}', '{"status": {}}')
WRONG_VALUES: tuple[object, ...] = (None, -1, 1e300, "wrong", "", [], {}, [None], {"wrong": None})
PATIENCE = 0.4
"""Seconds after which a call to a silent server is given up."""


def _id(registration: Registration[Any]) -> str:
    return f"{registration.capability}-{registration.name}"


every_provider = pytest.mark.parametrize(
    ("registration", "row"), [pytest.param(*pair, id=_id(pair[0])) for pair in ROWS]
)


def every_case(*fields: str) -> pytest.MarkDecorator:
    """All cases of these fields of all rows."""
    cases = [
        pytest.param(registration, row, case, id=f"{_id(registration)}-{number}")
        for registration, row in ROWS
        for number, case in enumerate((case for field in fields for case in cases_of(row, field)), start=1)
    ]
    return pytest.mark.parametrize(("registration", "row", "case"), cases)


def cases_of(row: Row[Any], field: str) -> tuple[Case[Any], ...]:
    promise = getattr(row, field)
    if isinstance(promise, NotPromised):
        return ()
    return (promise,) if isinstance(promise, Case) else promise


@pytest.fixture(autouse=True)
def _forget_providers() -> Iterator[None]:
    providers.reset()
    yield
    providers.reset()


def secrets_of(registration: Registration[Any]) -> dict[str, str]:
    """A value for every secret option."""
    return {
        name: f"secret-{_id(registration)}-{name}-0123456789"
        for name, field in registration.options.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    }


@contextmanager
def provider_at(url: str, registration: Registration[Any], row: Row[Any]) -> Iterator[Provider]:
    """The provider as production builds it, from environment variables that name this address."""
    values = {**row.options(url), **secrets_of(registration)}
    with pytest.MonkeyPatch.context() as patch:
        for field, value in values.items():
            patch.setenv(registration.variable(field), value)
        providers.reset()
        yield providers.capability(registration.capability).provider(registration.name)


@contextmanager
def provider_with(answers: Answers, registration: Registration[Any], row: Row[Any]) -> Iterator[Provider]:
    with serving(answers) as url, provider_at(url, registration, row) as provider:
        yield provider


def calls_of(row: Row[Any]) -> list[tuple[str, Callable[[Provider], object]]]:
    """Name → call of `ready` and of the change, if there is one."""
    calls: list[tuple[str, Callable[[Provider], object]]] = [("ready", lambda provider: provider.ready())]
    return calls if isinstance(row.change, NotPromised) else [*calls, ("change", row.change.call)]


def failure(call: Callable[[Provider], object], provider: Provider) -> IntegrationError:
    """The error of a call that must fail; any other exception fails the test."""
    with pytest.raises(IntegrationError) as failed:
        call(provider)
    return failed.value


def every_call(row: Row[Any]) -> list[Callable[[Provider], object]]:
    fields = ("reads", "missing", "raises_missing", "conflict", "repeated")
    return [*(case.call for field in fields for case in cases_of(row, field)), *(call for _, call in calls_of(row))]


def only_our_errors(call: Callable[[Provider], object], provider: Provider) -> None:
    """Success is allowed; any exception but ours fails the test."""
    try:
        call(provider)
    except IntegrationError as error:
        assert str(error)


@pytest.mark.parametrize("registration", REGISTRATIONS, ids=_id)
def test_every_provider_has_a_row(registration: Registration[Any]) -> None:
    path = module_of(registration).replace(".", "/")
    assert row_of(registration) is not None, (
        f"The provider {_id(registration)} is not tested. Add {path}.py with its ROW; "
        "docs/providers.md describes it, and the nearest existing row is a good start."
    )


@every_provider
def test_what_is_not_promised_has_a_reason(registration: Registration[Any], row: Row[Any]) -> None:
    promises = (row.change, row.missing, row.raises_missing, row.conflict, row.repeated)
    assert all(promise.reason for promise in promises if isinstance(promise, NotPromised))
    assert row.reads or not isinstance(row.change, NotPromised), "a row needs a call whose answer has a shape"


@every_provider
def test_ready_accepts_the_answer_of_the_tool(registration: Registration[Any], row: Row[Any]) -> None:
    with provider_with(row.ready, registration, row) as provider, http.read_only(), http.recording() as calls:
        provider.ready()
    assert provider.name == registration.name
    assert {call.provider for call in calls} == {registration.limited_as}, "requests are counted under another name"


@every_provider
def test_wrong_credentials_are_denied(registration: Registration[Any], row: Row[Any]) -> None:
    for answer in row.denied:
        with provider_with(answer, registration, row) as provider:
            for name, call in calls_of(row):
                error = failure(call, provider)
                assert isinstance(error, Denied), (name, answer)
                assert error.credentials, (name, answer)
                assert error.refused, (name, answer)


@every_case("reads")
def test_a_read_returns_the_parsed_answer(registration: Registration[Any], row: Row[Any], case: Case[Any]) -> None:
    with provider_with(case.answers, registration, row) as provider, http.read_only():
        assert case.call(provider) == case.result


@every_case("change")
def test_a_change_returns_the_parsed_answer(registration: Registration[Any], row: Row[Any], case: Case[Any]) -> None:
    with provider_with(case.answers, registration, row) as provider:
        assert case.call(provider) == case.result


@every_case("change")
def test_planning_cannot_change_anything(registration: Registration[Any], row: Row[Any], case: Case[Any]) -> None:
    with provider_with(case.answers, registration, row) as provider:
        with http.read_only(), http.recording() as calls, pytest.raises(http.EffectWhilePlanning):
            case.call(provider)
        assert all(call.method in http.SAFE_METHODS for call in calls)


@every_case("missing")
def test_an_absent_object_is_an_answer(registration: Registration[Any], row: Row[Any], case: Case[Any]) -> None:
    with provider_with(case.answers, registration, row) as provider:
        assert case.call(provider) == case.result


@every_case("raises_missing")
def test_an_absent_object_is_missing(registration: Registration[Any], row: Row[Any], case: Case[Any]) -> None:
    with provider_with(case.answers, registration, row) as provider:
        error = failure(case.call, provider)
    assert isinstance(error, Missing)
    assert error.refused


@every_case("conflict")
def test_the_state_of_somebody_else_is_a_conflict(
    registration: Registration[Any], row: Row[Any], case: Case[Any]
) -> None:
    with provider_with(case.answers, registration, row) as provider:
        error = failure(case.call, provider)
    assert isinstance(error, Conflict)
    assert error.refused


@every_case("repeated")
def test_a_repeated_call_is_harmless(registration: Registration[Any], row: Row[Any], case: Case[Any]) -> None:
    with provider_with(case.answers, registration, row) as provider:
        assert case.call(provider) == case.result


@every_provider
def test_a_rate_limit_is_transient_and_had_no_effect(registration: Registration[Any], row: Row[Any]) -> None:
    with provider_with(row.rate_limited, registration, row) as provider:
        for name, call in calls_of(row):
            with http.recording() as calls:
                error = failure(call, provider)
            assert isinstance(error, Transient), name
            assert (error.retry_after, error.ambiguous) == (row.retry_after, False), name
            assert [call.pause for call in calls] == [row.retry_after], (
                "the pause holds for everybody, after one request"
            )


@every_provider
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_transient(registration: Registration[Any], row: Row[Any], status: int) -> None:
    with provider_with(Answer("<html>Unavailable</html>", status), registration, row) as provider:
        for name, call in calls_of(row):
            with http.recording() as calls:
                error = failure(call, provider)
            assert isinstance(error, Transient), name
            assert len(calls) == 1, f"{name} was repeated"


@every_provider
def test_a_timeout_is_transient_and_leaves_open_whether_it_had_an_effect(
    registration: Registration[Any], row: Row[Any]
) -> None:
    with silent() as url, provider_at(url, registration, row) as provider:
        for name, call in calls_of(row):
            began = time.monotonic()
            with http.recording() as calls, http.deadline(began + PATIENCE):
                error = failure(call, provider)
            assert isinstance(error, Transient), name
            assert error.ambiguous, name
            assert len(calls) == 1, f"{name} was repeated"
            assert time.monotonic() - began < PATIENCE + 3


@every_provider
def test_a_refused_connection_is_transient(registration: Registration[Any], row: Row[Any]) -> None:
    with provider_at("http://127.0.0.1:1", registration, row) as provider:
        for name, call in calls_of(row):
            assert isinstance(failure(call, provider), Transient), name


@every_provider
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_an_endless_redirect_is_our_error(registration: Registration[Any], row: Row[Any], status: int) -> None:
    with provider_with(Answer("{}", status, {"Location": "/again"}), registration, row) as provider:
        for name, call in calls_of(row):
            with http.recording() as calls:
                failure(call, provider)
            assert 1 <= len(calls) <= 5, name


@every_provider
@pytest.mark.parametrize("body", NOT_JSON)
def test_an_answer_that_is_not_json_is_our_error(registration: Registration[Any], row: Row[Any], body: str) -> None:
    with provider_with(Answer(body), registration, row) as provider:
        for _, call in calls_of(row):
            assert not failure(call, provider).refused, "it may have been a yes"
        for case in row.reads:
            if case.requests:
                failure(case.call, provider)
        for call in every_call(row):
            only_our_errors(call, provider)


@every_provider
@pytest.mark.parametrize("body", OTHER_SHAPES)
def test_an_answer_of_another_shape_is_our_error(registration: Registration[Any], row: Row[Any], body: str) -> None:
    with provider_with(Answer(body), registration, row) as provider:
        assert not failure(lambda provider: provider.ready(), provider).refused
        for call in every_call(row):
            only_our_errors(call, provider)


@every_case("reads", "change")
def test_an_answer_with_one_wrong_value_is_our_error(
    registration: Registration[Any], row: Row[Any], case: Case[Any]
) -> None:
    """Each value of the good answer is replaced in turn."""
    answers = {"": case.answers} if isinstance(case.answers, Answer) else dict(case.answers)
    with provider_with(answers, registration, row) as provider:
        for request, answer in list(answers.items()):
            for body in with_one_wrong_value(answer.body):
                answers[request] = dataclasses.replace(answer, body=body)
                only_our_errors(case.call, provider)
            answers[request] = answer


def with_one_wrong_value(body: object) -> Iterator[object]:
    yield from WRONG_VALUES
    if isinstance(body, dict):
        for key, value in body.items():
            yield {name: other for name, other in body.items() if name != key}
            yield from ({**body, key: wrong} for wrong in with_one_wrong_value(value))
    if isinstance(body, list):
        for index, value in enumerate(body):
            yield from ([*body[:index], wrong, *body[index + 1 :]] for wrong in with_one_wrong_value(value))


@every_provider
def test_a_webhook_needs_a_signature_and_a_readable_body(registration: Registration[Any], row: Row[Any]) -> None:
    with provider_at("http://127.0.0.1:1", registration, row) as provider:
        if not isinstance(provider, WebhookReceiver):
            return
        assert all(prefix == prefix.lower() for prefix in provider.kept_headers)
        for signature in ("", "sha256=", f"sha256={'0' * 64}", "sha256=\xe4"):
            headers = {"x-hub-signature": signature, "x-hub-signature-256": signature, "x-github-delivery": "1"}
            with pytest.raises(BadSignature):
                provider.verify(headers, b"{}")
            if signature[7:] != "0" * 64:
                with pytest.raises(BadSignature):
                    provider.admit(headers)
        for body in (b"", b"[]", b"null", b"7", b'"text"', b"{", b"\xff"):
            with pytest.raises(Unreadable):
                provider.translate({}, body)


@every_provider
def test_a_secret_is_never_shown(
    registration: Registration[Any], row: Row[Any], caplog: pytest.LogCaptureFixture
) -> None:
    secrets = secrets_of(registration)
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(Redact())
    refusals = [*row.denied, row.rate_limited, Answer("<html>", 500), Answer("<html>"), *_echoes(secrets.values())]
    shown = []
    for answer in refusals:
        with provider_with(answer, registration, row) as provider:
            shown += [repr(provider), str(vars(provider))]
            for _, call in calls_of(row):
                error = failure(call, provider)
                echoed = any(secret in str(answer.body) for secret in secrets.values())
                texts = [str(error), error.detail, repr(error)]
                shown += [redact(text) for text in texts] if echoed else texts
    options = registration.read_options(
        {registration.variable(name): value for name, value in {**row.options("http://a"), **secrets}.items()}
    )
    shown += [repr(options), str(options), caplog.text]
    for name, secret in secrets.items():
        assert not [text for text in shown if secret in text], f"{name} is shown"


def _echoes(secrets: Any) -> list[Answer]:
    """Refusals of a tool that repeats the secret, in the places where tools put their messages."""
    answers = []
    for secret in secrets:
        text = f"token {secret} is not valid"
        body = {"message": text, "error": text, "errors": [text], "errorMessages": [text], "ok": False}
        answers += [Answer(body, 400), Answer(body, 401), Answer(text, 422)]
    return answers
