"""What was pasted means what? The first page and its live check."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from onboarding import actions
from onboarding.reading import lists
from onboarding.views.asking import person_of, wants_fragment

SAMPLES = [
    ("parcel-tracker", "a Python service with metrics"),
    ("price-feed", "a Python service without metrics"),
    ("greeter", "a Node service"),
    ("shop", "three services in one repository"),
    ("attic", "nobody can tell what it is"),
    ("museum", "archived"),
    ("orphan", "owned by no team"),
    ("vault", "private: only payments may read it"),
]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The field for an address, and my runs."""
    return page(request, address=request.GET.get("address", ""))


@require_POST
@vary_on_headers("HX-Request")
def check(request: HttpRequest) -> HttpResponse:
    """Before the click: what was understood, and what keeps it from going on."""
    pasted = request.POST.get("address", "")
    found: dict[str, Any] = {"address": pasted}
    try:
        found["look"] = actions.check(person_of(request), pasted) if pasted.strip() else None
    except actions.Refused as error:
        found["refused"] = error.says
    if wants_fragment(request):
        return render(request, "onboarding/home.html#understood", {"look": None, "refused": ""} | found)
    return page(request, **found)


def page(request: HttpRequest, status: int = 200, **shown: Any) -> HttpResponse:
    person = person_of(request)
    base = {"address": "", "look": None, "refused": "", "mine": lists.mine(person), "samples": _samples()}
    return render(request, "onboarding/home.html", base | shown, status=status)


def _samples() -> list[tuple[str, str, str]]:
    """(address, name, what it is) of the sandbox's repositories, in the demo alone."""
    if not (settings.ENV.onramp_demo and settings.ENV.portal_signin_url):
        return []
    host = settings.ENV.portal_signin_url
    return [(f"{host}/acme/{name}", f"acme/{name}", what) for name, what in SAMPLES]
