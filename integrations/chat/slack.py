"""Slack's Web API. https://docs.slack.dev/apis/web-api/

Slack reports an error with HTTP status 200 and a code in `error`; here the codes are mapped to our errors.
"""

from collections.abc import Mapping

import requests
from pydantic import BaseModel, Field, SecretStr

from integrations import answers, http
from integrations.answers import Answer
from integrations.chat import CAPABILITY
from integrations.errors import Denied, IntegrationError, Invalid, Missing, Transient, from_status

PROVIDER = "slack"
CREDENTIALS = {"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive"}
DENIED = {"missing_scope", "no_permission", "not_in_channel", "is_archived", "restricted_action", "ekm_access_denied"}
MISSING = {"users_not_found", "user_not_found", "channel_not_found", "user_disabled"}
RATE_LIMITED = {"ratelimited", "rate_limited"}
TEMPORARY = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}


class Options(BaseModel):
    """PORTAL_CHAT_SLACK_…"""

    token: SecretStr = Field(description="token of the bot (chat:write, users:read.email)")
    api_url: str = "https://slack.com/api"


class _Status(BaseModel):
    ok: bool
    error: str = ""


class _User(BaseModel):
    id: str


class _UserFound(BaseModel):
    user: _User


class _MessagePosted(BaseModel):
    channel: str
    ts: str


class Slack:
    """Implements `integrations.chat.Chat` for one workspace with one bot."""

    name = PROVIDER

    def __init__(self, options: Options) -> None:
        self.options = options
        self._session = http.session(PROVIDER)
        self._members: dict[str, str] = {}
        self._session.headers["Authorization"] = f"Bearer {options.token.get_secret_value()}"

    def ready(self) -> None:
        with http.side_effect_free():
            self._read(_Status, self._session.post(self._url("auth.test"), allow_redirects=False))

    def send(self, recipient: str, text: str, key: str) -> str:
        channel = self._member(recipient) if "@" in recipient else recipient
        metadata = {"event_type": "onramp_message", "event_payload": {"key": key}}
        body = {"channel": channel, "text": _inert(text), "metadata": metadata, "unfurl_links": False}
        response = self._session.post(self._url("chat.postMessage"), json=body, allow_redirects=False)
        message = self._read(_MessagePosted, response)
        return f"{message.channel}/{message.ts}"

    def _member(self, email: str) -> str:
        """Cached, because an id never changes and Slack allows only a few of these requests a minute."""
        if email not in self._members:
            url = self._url("users.lookupByEmail")
            response = self._session.get(url, params={"email": email}, allow_redirects=False)
            self._members[email] = self._read(_UserFound, response).user.id
        return self._members[email]

    def _url(self, method: str) -> str:
        return f"{self.options.api_url.rstrip('/')}/{method}"

    def _read(self, model: type[Answer], response: requests.Response) -> Answer:
        if response.status_code != 200:
            message = "Slack refused the request"
            raise from_status(PROVIDER, response.status_code, message, response.headers, detail=response.text[:500])
        data = http.json_of(PROVIDER, response)
        status = answers.parse(PROVIDER, _Status, data)
        if not status.ok:
            raise _error(status.error, response.headers)
        return answers.parse(PROVIDER, model, data)


def _inert(text: str) -> str:
    """Nothing in it is a mention, a command or a link with another text; Slack still links bare addresses.

    https://docs.slack.dev/messaging/formatting-message-text/#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _error(code: str, headers: Mapping[str, str]) -> IntegrationError:
    """Slack's error code as one of our errors. Only a rate limit certainly had no effect."""
    if code in CREDENTIALS:
        return Denied(PROVIDER, f"Slack refuses our token: {code}", status=401, detail=code)
    if code in DENIED:
        return Denied(PROVIDER, f"Slack does not allow this: {code}", status=403, detail=code)
    if code in MISSING:
        return Missing(PROVIDER, f"Slack has no such person or channel: {code}", status=404, detail=code)
    if code in RATE_LIMITED | TEMPORARY:
        wait = headers.get("Retry-After", "")
        after = float(wait) if wait.isdecimal() else None
        ambiguous = code not in RATE_LIMITED
        return Transient(PROVIDER, f"Slack: {code}", detail=code, retry_after=after, ambiguous=ambiguous)
    return Invalid(PROVIDER, f"Slack refused: {code or 'no reason given'}", detail=code)


CAPABILITY.register(PROVIDER, Slack, Options, title="Slack")
