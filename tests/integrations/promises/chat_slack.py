"""https://docs.slack.dev/apis/web-api/; an error is `{"ok": false, "error": …}` with status 200, but for rate limits."""

from integrations.chat import Chat
from tests.integrations.answering import Answer
from tests.integrations.promises import Case, NotPromised, Row


def refused(code: str, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"ok": False, "error": code}, status, named)


POSTED = {"ok": True, "channel": "C1", "ts": "1767225600.000100", "message": {"text": "hello"}}
LOOKUP, POST = "GET /users.lookupByEmail", "POST /chat.postMessage"
ROW: Row[Chat] = Row(
    options=lambda url: {"api_url": url},
    ready=Answer({"ok": True, "team": "Acme", "user": "onramp", "bot_id": "B1"}),
    denied=tuple(refused(code) for code in ("not_authed", "invalid_auth", "token_revoked", "account_inactive")),
    rate_limited=refused("ratelimited", 429, Retry_After="30"),
    retry_after=30,
    reads=(),
    change=Case(lambda chat: chat.send("#general", "hello", "key"), Answer(POSTED), "C1/1767225600.000100"),
    missing=NotPromised("an unknown recipient is an error"),
    raises_missing=(
        Case(lambda chat: chat.send("#nowhere", "hello", "key"), refused("channel_not_found")),
        Case(
            lambda chat: chat.send("nobody@acme.example", "hello", "key"),
            {LOOKUP: refused("users_not_found"), POST: Answer(POSTED)},
        ),
    ),
    conflict=NotPromised("messages do not compete with each other"),
    repeated=NotPromised("a message has no idempotency key: a repeated one is a second message"),
)
