"""The first page: the field for a repository's URL, its live check, and my runs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from onboarding.actions import plans
from onboarding.pages import lists
from onboarding.plans.preflight import RequestRejected
from onboarding.views.requests import person_of, wants_fragment

SAMPLES = [
    ("parcel-tracker", "a Python service with metrics"),
    ("price-feed", "a Python service without metrics"),
    ("greeter", "a Node service"),
    ("shop", "three services in one repository"),
    ("attic", "impossible to identify"),
    ("museum", "archived"),
    ("orphan", "owned by no team"),
    ("vault", "private: only payments can read it"),
]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return page(request, address=request.GET.get("address", ""))


@require_POST
@vary_on_headers("HX-Request")
def check(request: HttpRequest) -> HttpResponse:
    """Before the click: what the URL refers to, and what prevents an onboarding."""
    pasted = request.POST.get("address", "")
    context: dict[str, Any] = {"address": pasted}
    try:
        context["check"] = plans.check_address(person_of(request), pasted) if pasted.strip() else None
    except RequestRejected as error:
        context["rejected"] = error.message
    if wants_fragment(request):
        return render(request, "onboarding/home.html#check", {"check": None, "rejected": ""} | context)
    return page(request, **context)


def page(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    defaults = {
        "address": "",
        "check": None,
        "rejected": "",
        "home": lists.home(person_of(request)),
        "samples": _samples(),
    }
    return render(request, "onboarding/home.html", defaults | context, status=status)


def _samples() -> list[tuple[str, str, str]]:
    """(URL, name, description) of the sandbox's repositories, only in the demo."""
    if not (settings.ENV.onramp_demo and settings.ENV.portal_signin_url):
        return []
    host = settings.ENV.portal_signin_url
    return [(f"{host}/acme/{name}", f"acme/{name}", description) for name, description in SAMPLES]
