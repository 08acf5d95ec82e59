"""Slack's Web API, as far as a bot that writes to people uses it. https://docs.slack.dev/reference/methods

Slack answers 200 with `"ok": false` and a short `error` to what it refuses.
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

BOT_ID = next(one.chat_id for one in cast.PEOPLE if one.login == cast.BOT)
CHANNELS = {"C00000001": "general", **{f"C0000001{n}": team.slug for n, team in enumerate(cast.TEAMS)}}
LONGEST = 40_000
Said = dict[str, Any]


class Failure(Exception):
    """Slack's word for what is wrong."""


def method(answer: Callable[[Said], Said]) -> Callable[[HttpRequest], HttpResponse]:
    """A Web API method: arguments as JSON or as a form, the token as a bearer."""

    @csrf_exempt
    @require_http_methods(["GET", "POST"])
    def handle(request: HttpRequest) -> HttpResponse:
        try:
            said = _said(request)
            return JsonResponse({"ok": True, **answer(said)})
        except Failure as failure:
            return JsonResponse({"ok": False, "error": str(failure)})

    return handle


def _said(request: HttpRequest) -> Said:
    if request.content_type == "application/json":
        try:
            said = json.loads(request.body)
        except ValueError as error:
            raise Failure("invalid_json") from error
        if not isinstance(said, dict):
            raise Failure("json_not_object")
    else:
        said = {**request.GET.dict(), **request.POST.dict()}
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token if kind == "Bearer" else str(said.get("token", ""))
    if not token:
        raise Failure("not_authed")
    if token != cast.SLACK_TOKEN:
        raise Failure("invalid_auth")
    return said


@method
def auth_test(said: Said) -> Said:
    return {"team": "Acme", "team_id": "T00000001", "user": cast.BOT, "user_id": BOT_ID}


@method
def lookup_by_email(said: Said) -> Said:
    person = cast.by_email(str(said.get("email", "")))
    if person is None:
        raise Failure("users_not_found")
    profile = {"email": person.email, "real_name": person.name}
    user = {"id": person.chat_id, "name": person.login, "real_name": person.name, "deleted": False, "profile": profile}
    return {"user": user}


@method
def post_message(said: Said) -> Said:
    text = str(said.get("text", ""))
    if not text and not said.get("blocks"):
        raise Failure("no_text")
    if len(text) > LONGEST:
        raise Failure("msg_too_long")
    channel = _channel(str(said.get("channel", "")))
    ts, metadata = f"{time.time():.6f}", said.get("metadata") or {}
    message = Message.objects.create(channel=channel, ts=ts, author=cast.BOT, text=text, metadata=metadata)
    return {"channel": channel.chat_id, "ts": ts, "message": _described(message)}


def _channel(said: str) -> Channel:
    """A channel by id or `#name`, or the direct messages of a member's id."""
    direct = {one.chat_id: one.login for one in cast.PEOPLE}
    if said in direct:
        defaults = {"name": direct[said], "member": said}
        return Channel.objects.get_or_create(chat_id=f"D{said[1:]}", defaults=defaults)[0]
    for chat_id, name in CHANNELS.items():
        if said in (chat_id, name, f"#{name}"):
            return Channel.objects.get_or_create(chat_id=chat_id, defaults={"name": name})[0]
    known = Channel.objects.filter(chat_id=said).first()
    if known is None:
        raise Failure("channel_not_found")
    return known


def _described(message: Message) -> Said:
    described: Said = {"type": "message", "user": BOT_ID, "text": message.text, "ts": message.ts}
    return described | ({"metadata": message.metadata} if message.metadata else {})


@method
def history(said: Said) -> Said:
    """The messages of a conversation, newest first; with their metadata when asked for."""
    channel = _channel(str(said.get("channel", "")))
    found = channel.messages.filter(ts__gt=str(said.get("oldest", "0"))).order_by("-id")[: int(said.get("limit", 100))]
    return {"messages": [_described(one) for one in found], "has_more": False}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    channels = Channel.objects.prefetch_related("messages").order_by("name")
    return render(request, "messages/chat.html", {"channels": channels})
