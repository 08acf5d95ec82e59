"""How an HTTP answer becomes one of our errors, whatever the provider."""

import pytest

from integrations.errors import Conflict, Denied, IntegrationError, Invalid, Missing, Transient, from_status, rate_limit

NEW_YEAR = "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (401, Denied),
        (403, Denied),
        (404, Missing),
        (408, Transient),
        (409, Conflict),
        (410, Missing),
        (412, Conflict),
        (422, Invalid),
        (429, Transient),
        (500, Transient),
        (503, Transient),
    ],
)
def test_each_status_has_a_kind(status: int, kind: type[IntegrationError]) -> None:
    error = from_status("tool", status, "no", {}, detail="not today")
    assert type(error) is kind
    assert error.refused == (status < 500 and status != 408)


def test_an_error_names_the_tool_and_the_status() -> None:
    assert str(from_status("mail", 404, "no such mailbox", {})) == "The mail server: no such mailbox (HTTP 404)"


def test_only_401_is_about_the_credentials() -> None:
    errors = [from_status("tool", status, "no", {}) for status in (401, 403)]
    assert [error.credentials for error in errors if isinstance(error, Denied)] == [True, False]


@pytest.mark.parametrize(
    ("status", "headers", "text", "wait"),
    [
        (429, {}, "", 60),
        (429, {"Retry-After": "7"}, "", 7),
        (429, {"Retry-After": "Thu, 01 Jan 2026 00:00:09 GMT", "Date": NEW_YEAR}, "", 9),
        (429, {"Retry-After": "soon"}, "", 60),
        (429, {"Retry-After": "²"}, "", 60),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767225630", "Date": NEW_YEAR}, "", 30),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "12"}, "", 12),
        (403, {}, "You have exceeded a secondary rate limit.", 60),
        (403, {}, "Resource not accessible by integration", None),
        (200, {"X-RateLimit-Remaining": "0"}, "", None),
        (503, {"Retry-After": "7"}, "", None),
    ],
)
def test_a_rate_limit_is_recognised_with_its_end(
    status: int, headers: dict[str, str], text: str, wait: float | None
) -> None:
    assert rate_limit(status, headers, text) == wait


def test_an_overloaded_server_can_say_when_to_come_back() -> None:
    error = from_status("tool", 503, "maintenance", {"Retry-After": "7"})
    assert isinstance(error, Transient)
    assert (error.retry_after, error.ambiguous) == (7, True)
