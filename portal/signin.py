"""Sign-in with the source host's OAuth; every page but a few requires it."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from catalog.models import Person

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
    """A person's name here is the login there: teams and rights depend on it."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """A person who was known before the first sign-in (by a token that an operator issued) is the same person.

        A login that changed hands at the source host is not: its former owner keeps the record and loses the name.
        """
        if sociallogin.is_existing:
            return
        login = str(sociallogin.account.extra_data["login"])
        known = Person.objects.filter(username=login).first()
        if known is None:
            return
        if SocialAccount.objects.filter(user=known).exists():
            known.username, known.is_active = f"{login}@former-{known.pk}", False
            known.save(update_fields=["username", "is_active"])
            return
        known.email = known.email or str(sociallogin.account.extra_data.get("email") or "")
        known.save(update_fields=["email"])
        sociallogin.connect(request, known)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Person:
        person: Person = super().populate_user(request, sociallogin, data)
        person.username = str(sociallogin.account.extra_data["login"])
        return person
