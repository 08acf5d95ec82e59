"""Limits at the doors: sign-in, wrong tokens of the API, address checks, plans, runs; per person and per client address."""

import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from catalog.models import ApiToken, Person
from onboarding.views.requests import wants_fragment
from portal import rate_limits
from portal.client_address import client_address, network_of
from portal.inbound import refusal

COUNTED = {"/addresses/": "addresses", "/plans/": "plans", "/onboardings/": "runs"}
"""Path of a page or, without the last slash and below /api/v1, of an operation of the API → kind. Only POST is counted."""
API = "/api/v1"


class Limited:
    """429 with a sentence and Retry-After, before anything is done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sender = network_of(client_address(request))
        seconds = _seconds(request, sender)
        if seconds:
            return _too_many(request, seconds)
        response = self.get_response(request)
        if response.status_code == 401 and request.path_info.startswith("/api/"):
            rate_limits.count("wrong_tokens", sender)
        return response


def _seconds(request: HttpRequest, sender: str) -> float:
    """Until the request is admitted; 0 where it is."""
    path = request.path_info
    if path.startswith("/accounts/"):
        return rate_limits.count("sign_ins", sender)
    if path.startswith("/api/") and (seconds := rate_limits.remaining("wrong_tokens", sender)):
        return seconds
    kind = COUNTED.get(f"{path.removeprefix(API).rstrip('/')}/") if request.method == "POST" else None
    return _counted(kind, request, sender) if kind else 0.0


def _counted(kind: str, request: HttpRequest, sender: str) -> float:
    """The person first: a person over their own limit takes nothing from the others at their address."""
    person = _person(request)
    if person is not None and (seconds := rate_limits.count(kind, f"person:{person.pk}")):
        return seconds
    return rate_limits.count(kind, sender, rate_limits.PER_ADDRESS)


def _person(request: HttpRequest) -> Person | None:
    """Who asks: the person of the session or of the API's token, which the API itself looks up again."""
    if not request.path_info.startswith("/api/"):
        return request.user if isinstance(request.user, Person) else None
    token = ApiToken.find(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
    return token.person if token else None


def _too_many(request: HttpRequest, seconds: float) -> HttpResponse:
    wait = math.ceil(seconds)
    when = f"{wait} seconds" if wait <= 90 else f"{math.ceil(wait / 60)} minutes"
    sentence = f"Too many requests in a short time. Nothing was done. Try again in {when}."
    if wants_fragment(request):  # htmx shows nothing of an answer that is an error
        fragment = render_to_string("parts/limited.html", {"sentence": sentence})
        return HttpResponse(fragment, headers={"Retry-After": str(wait)})
    return refusal(request, sentence, 429, Retry_After=str(wait))
