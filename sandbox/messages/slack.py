"""Slack's Web API, as far as a bot that writes to people uses it. https://docs.slack.dev/reference/methods

Slack answers 200 to a call that it refuses, with `"ok": false` and a short `error`.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from sandbox.messages.models import Channel, Message
from sandbox.world import cast

BOT_ID = next(person.chat_id for person in cast.PEOPLE if person.login == cast.BOT)
CHANNELS = {
    "C00000001": "general",
    **{f"C0000001{n}": f"{cast.ORGANISATION}-{team.slug}" for n, team in enumerate(cast.TEAMS)},
}
MAX_TEXT = 40_000
Body = dict[str, Any]


class SlackError(Exception):
    """The `error` of an answer."""


def method(answer: Callable[[Body], Body]) -> Callable[[HttpRequest], HttpResponse]:
    """A Web API method: arguments in JSON or in a form, the token as a bearer token."""

    @csrf_exempt
    @require_http_methods(["GET", "POST"])
    def handle(request: HttpRequest) -> HttpResponse:
        try:
            arguments = _arguments(request)
            _authenticate(request, arguments)
            return JsonResponse({"ok": True, **answer(arguments)})
        except SlackError as error:
            return JsonResponse({"ok": False, "error": str(error)})

    return handle


def _arguments(request: HttpRequest) -> Body:
    if request.content_type != "application/json":
        return {**request.GET.dict(), **request.POST.dict()}
    try:
        arguments = json.loads(request.body)
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(arguments, dict):
        raise SlackError("json_not_object")
    return arguments


def _authenticate(request: HttpRequest, arguments: Body) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token if scheme == "Bearer" else str(arguments.get("token", ""))
    if not token:
        raise SlackError("not_authed")
    if token != cast.SLACK_TOKEN:
        raise SlackError("invalid_auth")


@method
def auth_test(arguments: Body) -> Body:
    return {"team": "Acme", "team_id": "T00000001", "user": cast.BOT, "user_id": BOT_ID}


@method
def lookup_by_email(arguments: Body) -> Body:
    person = cast.by_email(str(arguments.get("email", "")))
    if person is None:
        raise SlackError("users_not_found")
    profile = {"email": person.email, "real_name": person.name}
    user = {"id": person.chat_id, "name": person.login, "real_name": person.name, "deleted": False, "profile": profile}
    return {"user": user}


@method
def post_message(arguments: Body) -> Body:
    text = str(arguments.get("text", ""))
    if not text and not arguments.get("blocks"):
        raise SlackError("no_text")
    if len(text) > MAX_TEXT:
        raise SlackError("msg_too_long")
    channel = _channel(str(arguments.get("channel", "")))
    ts, metadata = f"{time.time():.6f}", arguments.get("metadata") or {}
    message = Message.objects.create(channel=channel, ts=ts, author=cast.BOT, text=text, metadata=metadata)
    return {"channel": channel.chat_id, "ts": ts, "message": _payload(message)}


def _channel(reference: str) -> Channel:
    """A channel by id or `#name`, or the direct messages with the member of this id."""
    members = {person.chat_id: person.login for person in cast.PEOPLE}
    if reference in members:
        defaults = {"name": members[reference], "member": reference}
        return Channel.objects.get_or_create(chat_id=f"D{reference[1:]}", defaults=defaults)[0]
    for chat_id, name in CHANNELS.items():
        if reference in (chat_id, name, f"#{name}"):
            return Channel.objects.get_or_create(chat_id=chat_id, defaults={"name": name})[0]
    channel = Channel.objects.filter(chat_id=reference).first()
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def _payload(message: Message) -> Body:
    payload: Body = {"type": "message", "user": BOT_ID, "text": message.text, "ts": message.ts}
    return payload | ({"metadata": message.metadata} if message.metadata else {})


@method
def history(arguments: Body) -> Body:
    """The messages of a conversation with their metadata, newest first."""
    channel = _channel(str(arguments.get("channel", "")))
    newer = channel.messages.filter(ts__gt=str(arguments.get("oldest", "0")))
    messages = newer.order_by("-id")[: int(arguments.get("limit", 100))]
    return {"messages": [_payload(message) for message in messages], "has_more": False}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    channels = Channel.objects.prefetch_related("messages").order_by("name")
    return render(request, "messages/chat.html", {"channels": channels})
