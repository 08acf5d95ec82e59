"""Sign-in, tokens of the API, health."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import ApiToken
from events.log import record
from onboarding.views.requests import person_of
from portal import health
from portal.signin import DEMO_PEOPLE

LIFETIMES = [7, 30, 90, 365]


@require_safe
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """One button; in the demo, three people to choose from."""
    target = request.GET.get("next", "") or reverse("home")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("home")
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)  # `redirect` would take a bare word for the name of a view
    return render(request, "portal/sign_in.html", {"next": target, "people": DEMO_PEOPLE})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGIN_URL)


@require_safe
def not_signed_in(request: HttpRequest) -> HttpResponse:
    """The source host returned no account that may sign in."""
    return render(request, "portal/not_signed_in.html", status=403)


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """My API tokens; a new one is shown once, in the response that creates it."""
    person, value = person_of(request), ""
    if request.method == "POST":
        name, days = request.POST.get("name", "").strip()[:80], request.POST.get("days", "")
        if name and days in map(str, LIFETIMES):
            row, value = ApiToken.issue(person, name, days=int(days), writes="writes" in request.POST)
            facts = {"name": name, "writes": row.writes, "expires": row.expires_at.isoformat()}
            record("onramp.token.created", f"person:{person.username}", person=person.username, **facts)
        else:
            messages.error(request, "The token was not created. Give it a purpose and an expiry.")
    context = {"tokens": person.api_tokens.order_by("-created_at"), "value": value, "lifetimes": LIFETIMES}
    return render(request, "portal/tokens.html", context)


@require_POST
def revocation(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(person_of(request).api_tokens, pk=token_id)
    token.delete()
    person = token.person.username
    record("onramp.token.revoked", f"person:{person}", person=person, name=token.name)
    messages.success(request, f"Revoked “{token.name}”.")
    return redirect("tokens")


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database and the broker answer, 503 otherwise."""
    answers = health.answers()
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)
