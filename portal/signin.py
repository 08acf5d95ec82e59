"""Sign-in with the source host's OAuth; every page but a few requires it."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render, resolve_url

from catalog.models import Person
from integrations import http
from portal import identity, sessions

DEMO_PEOPLE = [
    ("alice", "Alice", "engineer on the storefront team"),
    ("pat", "Pat", "platform engineer"),
    ("charlie", "Charlie", "engineer on another team"),
]
"""(login, name, role) of those whom the demo offers to sign in as."""

OPEN_PATHS = ("/sign-in/", "/accounts/", "/events/", "/api/", "/healthz", "/metrics", "/static/", "/favicon.ico")
"""Below the prefix that Onramp is mounted at. Webhooks prove themselves by signature, the API and the metrics by token."""


class SignInRequired:
    """Redirects to sign-in; a fragment gets 401 and `HX-Redirect`, or the page would land in the fragment."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or request.path_info.startswith(OPEN_PATHS):
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
        return redirect_to_login(request.get_full_path())


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """There are no accounts except those of the source host."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """A person's name here is the login there: teams and rights depend on it. Who a person is depends on the account's id."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def get_requests_session(self) -> Any:
        """The exchanges of a sign-in have limits like all others."""
        return http.session("signin")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Raises ImmediateHttpResponse for an account that no team has, and changes nothing then."""
        login, account = str(sociallogin.account.extra_data["login"]), str(sociallogin.account.uid)
        with transaction.atomic():
            if sociallogin.is_existing:
                identity.rename(sociallogin.user, login, account)
            elif (person := identity.take_from_others(None, login, account)) is not None:
                self._connect(request, sociallogin, person)
            if not identity.is_known(login, account):
                raise ImmediateHttpResponse(render(request, "portal/unknown_person.html", {"login": login}, status=403))
            identity.identify(sociallogin.user, login, account)
        sessions.SessionStore.clear_expired()

    def _connect(self, request: HttpRequest, sociallogin: SocialLogin, person: Person) -> None:
        person.email = person.email or str(sociallogin.account.extra_data.get("email") or "")
        person.save(update_fields=["email"])
        sociallogin.connect(request, person)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Person:
        person: Person = super().populate_user(request, sociallogin, data)
        person.username = str(sociallogin.account.extra_data["login"])
        return person


class SignInParameters:
    """The only thing that a sign-in takes from its address is where to go afterwards.

    Otherwise a link could choose the account, the scopes and any other parameter that is sent to the source host.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, arguments: object, keywords: object) -> None:
        if not str(getattr(request.resolver_match, "url_name", "")).endswith("_login"):
            return
        chosen = request.GET.get("person", "")
        kept = QueryDict(mutable=True)
        if "next" in request.GET:
            kept["next"] = request.GET["next"]
        if settings.ENV.onramp_demo and chosen in [login for login, _, _ in DEMO_PEOPLE]:
            kept["auth_params"] = f"login={chosen}"
        request.GET = kept  # type: ignore[assignment]
