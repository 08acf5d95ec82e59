"""Sign-in with GitHub. https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps

The page offers the people of the cast. With `?login=alice` it redirects at once, as GitHub does for a user who has
already authorised the application.
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

from sandbox.github import viewer
from sandbox.github.identity import issue_token
from sandbox.github.models import OAuthCode
from sandbox.world import cast

CODE_LIFETIME = timedelta(minutes=10)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the user for an account, then for consent, and redirect to the application with a code."""
    parameters = request.POST if request.method == "POST" else request.GET
    problem = _problem(parameters)
    if problem:
        return render(request, "github/oauth_problem.html", {"problem": problem}, status=400)
    person = cast.person(parameters.get("login", ""))
    if person and (request.method == "POST" or "prompt" not in parameters):
        code = _create_code(parameters, person.login)
        return viewer.remember(HttpResponseRedirect(_callback_url(parameters, code=code)), person.login)
    if parameters.get("denied"):
        description = "The user has denied your application access."
        return HttpResponseRedirect(_callback_url(parameters, error="access_denied", error_description=description))
    return render(request, "github/authorize.html", _consent_context(parameters))


def _consent_context(parameters: QueryDict) -> dict[str, object]:
    return {
        "chosen": cast.person(parameters.get("chosen", "")),
        "people": cast.PEOPLE,
        "hidden": [(name, value) for name, value in parameters.items() if name not in ("login", "chosen")],
        "scopes": parameters.get("scope", "").replace(",", " ").split(),
    }


def _problem(parameters: QueryDict) -> str:
    if parameters.get("client_id") != cast.OAUTH_CLIENT:
        return f"No application with the client id {parameters.get('client_id', '')!r} is registered here."
    if urlsplit(parameters.get("redirect_uri", "")).scheme not in ("http", "https"):
        return "The redirect_uri is missing or is not an http or https URL."
    if parameters.get("code_challenge_method", "S256") != "S256":
        return "Only the code challenge method S256 is supported."
    return ""


def _create_code(parameters: QueryDict, login: str) -> str:
    row = OAuthCode.objects.create(
        code=secrets.token_hex(10),
        login=login,
        client=parameters.get("client_id", ""),
        redirect_uri=parameters.get("redirect_uri", ""),
        scope=parameters.get("scope", ""),
        challenge=parameters.get("code_challenge", ""),
    )
    return row.code


def _callback_url(parameters: QueryDict, **result: str) -> str:
    """The application's redirect_uri with the result, and the `state` that the application passed in."""
    parts = urlsplit(parameters.get("redirect_uri", ""))
    query = [*parse_qsl(parts.query), *result.items()]
    if "state" in parameters:
        query.append(("state", parameters.get("state", "")))
    return urlunsplit(parts._replace(query=urlencode(query)))


@csrf_exempt
@require_POST
def access_token(request: HttpRequest) -> HttpResponse:
    """Exchange a code for a token. Errors have the status 200, as at GitHub."""
    parameters = request.POST
    with transaction.atomic():
        error = _error(parameters)
        if error:
            return _respond(request, dict(zip(("error", "error_description"), error, strict=True)))
        code = OAuthCode.objects.get(code=parameters.get("code", ""))
        code.delete()
    token = issue_token(code.login)
    return _respond(request, {"access_token": token, "scope": code.scope, "token_type": "bearer"})


def _error(parameters: QueryDict) -> tuple[str, str] | None:
    """GitHub's error code and its description, or None for a valid request."""
    if (parameters.get("client_id"), parameters.get("client_secret")) != (cast.OAUTH_CLIENT, cast.OAUTH_SECRET):
        return "incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."
    oldest = timezone.now() - CODE_LIFETIME
    code = OAuthCode.objects.filter(code=parameters.get("code", ""), created_at__gt=oldest).first()
    if code is None:
        return "bad_verification_code", "The code passed is incorrect or expired."
    if parameters.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
        return "redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application."
    digest = hashlib.sha256(parameters.get("code_verifier", "").encode()).digest()
    if code.challenge and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge:
        return "bad_verification_code", "The code verifier does not match the challenge."
    return None


def _respond(request: HttpRequest, body: dict[str, str]) -> HttpResponse:
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse(body)
    return HttpResponse(urlencode(body), content_type="application/x-www-form-urlencoded; charset=utf-8")
