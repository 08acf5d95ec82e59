"""The page “Signed-in devices”: my sessions, and how to end them."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from onboarding.views.requests import person_of
from portal import sessions

_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
_BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "OPR": "Opera", "Chrome": "Chrome", "Safari": "Safari"}
"""How a User-Agent names it → what people call it; Edge and Opera also name Chrome, and Chrome also names Safari."""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    current = _current(request)
    rows = [(row, browser_name(row.browser), row.pk == current) for row in sessions.sessions_of(person_of(request))]
    return render(request, "portal/devices.html", {"devices": rows, "others": len(rows) > 1})


@require_POST
def end(request: HttpRequest, digest: str) -> HttpResponse:
    """Sign out one of my devices; the current one as the menu does."""
    row = get_object_or_404(person_of(request).sessions, pk=digest)
    if row.pk == _current(request):
        logout(request)
        return redirect("sign_in")
    row.delete()
    messages.success(request, f"Signed out {browser_name(row.browser)}.")
    return redirect("devices")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    count = sessions.end_sessions_of(person_of(request), except_for=_current(request))
    messages.success(request, f"Signed out {count} other device{'' if count == 1 else 's'}.")
    return redirect("devices")


def _current(request: HttpRequest) -> str:
    return sessions.digest_of(request.session.session_key or "")


def browser_name(agent: str) -> str:
    """“Firefox on Linux”, from a User-Agent; it is what the browser says of itself."""
    products = {product.partition("/")[0] for product in agent.split()}
    browser = next(
        (name for word, name in _BROWSERS.items() if word in products or f"{word}iOS" in products), "Unknown browser"
    )
    system = next((name for name in _SYSTEMS if name in agent), "")
    return f"{browser} on {system.replace('Mac OS X', 'macOS')}" if system else browser
