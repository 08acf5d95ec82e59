"""Slack's Web API. https://docs.slack.dev/apis/web-api/

Slack refuses with status 200 and a word in `error`; the words are sorted into our errors here.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import requests
from pydantic import BaseModel, Field, SecretStr, ValidationError

from integrations import http
from integrations.errors import Denied, IntegrationError, Invalid, Missing, Transient, from_status

PROVIDER = "slack"
Answer = TypeVar("Answer", bound=BaseModel)
CREDENTIALS = {"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive"}
DENIED = {"missing_scope", "no_permission", "not_in_channel", "is_archived", "restricted_action", "ekm_access_denied"}
MISSING = {"users_not_found", "user_not_found", "channel_not_found", "user_disabled"}
PASSING = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
UNDONE = {"ratelimited", "rate_limited"}


class Options(BaseModel):
    """PORTAL_CHAT_SLACK_…"""

    token: SecretStr = Field(description="token of the bot (chat:write, users:read.email)")
    api_url: str = "https://slack.com/api"


class _Verdict(BaseModel):
    ok: bool
    error: str = ""


class _User(BaseModel):
    id: str


class _Looked(BaseModel):
    user: _User


class _Posted(BaseModel):
    channel: str
    ts: str


class Slack:
    """One workspace with one bot."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._session = http.session(PROVIDER)
        self._members: dict[str, str] = {}
        self._session.headers["Authorization"] = f"Bearer {options.token.get_secret_value()}"

    def ready(self) -> None:
        with http.free():
            self._read(_Verdict, self._session.post(self._address("auth.test"), allow_redirects=False))

    def tell(self, to: str, text: str, key: str) -> str:
        channel = self._member(to) if "@" in to else to
        metadata = {"event_type": "onramp_message", "event_payload": {"key": key}}
        body = {"channel": channel, "text": text, "metadata": metadata, "unfurl_links": False}
        address = self._address("chat.postMessage")
        posted = self._read(_Posted, self._session.post(address, json=body, allow_redirects=False))
        return f"{posted.channel}/{posted.ts}"

    def _member(self, email: str) -> str:
        """A member keeps the id for life; Slack allows few of these questions a minute."""
        if email not in self._members:
            address = self._address("users.lookupByEmail")
            answer = self._session.get(address, params={"email": email}, allow_redirects=False)
            self._members[email] = self._read(_Looked, answer).user.id
        return self._members[email]

    def _address(self, method: str) -> str:
        return f"{self.options.api_url.rstrip('/')}/{method}"

    def _read(self, model: type[Answer], response: requests.Response) -> Answer:
        if response.status_code != 200:
            message = "Slack did not take the call"
            raise from_status(PROVIDER, response.status_code, message, response.headers, detail=response.text[:500])
        said = http.json_of(PROVIDER, response)
        verdict = _parsed(_Verdict, said)
        if not verdict.ok:
            raise _refusal(verdict.error, response.headers)
        return _parsed(model, said)


def _refusal(word: str, headers: Mapping[str, str]) -> IntegrationError:
    """Slack's word for what is wrong, as one of our errors."""
    if word in CREDENTIALS:
        return Denied(PROVIDER, f"Slack does not know us: {word}", status=401, detail=word)
    if word in DENIED:
        return Denied(PROVIDER, f"Slack does not let us: {word}", status=403, detail=word)
    if word in MISSING:
        return Missing(PROVIDER, f"Slack knows nobody of that name: {word}", status=404, detail=word)
    if word in PASSING:
        wait = headers.get("Retry-After", "")
        after = float(wait) if wait.isdigit() else None
        return Transient(PROVIDER, f"Slack: {word}", detail=word, retry_after=after, ambiguous=word not in UNDONE)
    return Invalid(PROVIDER, f"Slack refused: {word or 'no reason given'}", detail=word)


def _parsed(model: type[Answer], said: Any) -> Answer:
    try:
        return model.model_validate(said)
    except ValidationError as error:
        detail = f"{error}\n{str(said)[:500]}"
        raise Invalid(PROVIDER, "answered something we do not understand", detail=detail) from error
