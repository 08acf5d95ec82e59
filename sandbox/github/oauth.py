"""Signing in with GitHub. https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps

Whoever opens the page chooses one of the cast. With `?login=alice` it goes straight through, as for somebody who
authorised the application before.
"""

import base64
import hashlib
import secrets
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from sandbox.github.identity import issue
from sandbox.github.models import OAuthCode
from sandbox.github.signed_in import remember
from sandbox.world import cast

GOOD_FOR = timedelta(minutes=10)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Who are you, then: may this application know it?"""
    asked = request.POST if request.method == "POST" else request.GET
    problem = _problem(asked)
    if problem:
        return render(request, "github/oauth_problem.html", {"problem": problem}, status=400)
    person = cast.person(asked.get("login", ""))
    if person and (request.method == "POST" or "prompt" not in asked):
        response = HttpResponseRedirect(_back(asked, code=_code(asked, person.login)))
        return remember(response, person.login)
    if asked.get("denied"):
        refusal = "The user has denied your application access."
        return HttpResponseRedirect(_back(asked, error="access_denied", error_description=refusal))
    chosen = cast.person(asked.get("chosen", ""))
    hidden = [(name, value) for name, value in asked.items() if name not in ("login", "chosen")]
    scopes = asked.get("scope", "").replace(",", " ").split()
    shown = {"chosen": chosen, "people": cast.PEOPLE, "hidden": hidden, "scopes": scopes}
    return render(request, "github/authorize.html", shown)


def _problem(asked: QueryDict) -> str:
    if asked.get("client_id") != cast.OAUTH_CLIENT:
        return f"No application with the client id {asked.get('client_id', '')!r} is registered here."
    if urlsplit(asked.get("redirect_uri", "")).scheme not in ("http", "https"):
        return "The redirect_uri is missing or is no web address."
    if asked.get("code_challenge_method", "S256") != "S256":
        return "Only the code challenge method S256 is supported."
    return ""


def _code(asked: QueryDict, login: str) -> str:
    made = OAuthCode.objects.create(
        code=secrets.token_hex(10),
        login=login,
        client=asked.get("client_id", ""),
        redirect_uri=asked.get("redirect_uri", ""),
        scope=asked.get("scope", ""),
        challenge=asked.get("code_challenge", ""),
    )
    return made.code


def _back(asked: QueryDict, **said: str) -> str:
    """The application's address with the answer and the state that it gave along."""
    parts = urlsplit(asked.get("redirect_uri", ""))
    query = [*parse_qsl(parts.query), *said.items()]
    if "state" in asked:
        query.append(("state", asked.get("state", "")))
    return urlunsplit(parts._replace(query=urlencode(query)))


@csrf_exempt
@require_POST
def access_token(request: HttpRequest) -> HttpResponse:
    """A code for a token; errors are answered with 200, as GitHub does."""
    asked = request.POST
    with transaction.atomic():
        refusal = _refusal(asked)
        if refusal:
            return _told(request, dict(zip(("error", "error_description"), refusal, strict=True)))
        found = OAuthCode.objects.get(code=asked.get("code", ""))
        found.delete()
    return _told(request, {"access_token": issue(found.login), "scope": found.scope, "token_type": "bearer"})


def _refusal(asked: QueryDict) -> tuple[str, str] | None:
    """GitHub's error and its sentence; None when the code is good."""
    if (asked.get("client_id"), asked.get("client_secret")) != (cast.OAUTH_CLIENT, cast.OAUTH_SECRET):
        return "incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."
    code = OAuthCode.objects.filter(code=asked.get("code", ""), created_at__gt=timezone.now() - GOOD_FOR).first()
    if code is None:
        return "bad_verification_code", "The code passed is incorrect or expired."
    if asked.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
        return "redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application."
    digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
    if code.challenge and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge:
        return "bad_verification_code", "The code verifier does not match the challenge."
    return None


def _told(request: HttpRequest, said: dict[str, str]) -> HttpResponse:
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse(said)
    return HttpResponse(urlencode(said), content_type="application/x-www-form-urlencoded; charset=utf-8")
