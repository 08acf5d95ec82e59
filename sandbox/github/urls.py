"""Everything below `/github/`, in the layout of GitHub Enterprise Server."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, include, path, re_path

from sandbox.github import oauth, oidc, pages, smart_http
from sandbox.github.api import actions


def repo(below: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    return path(f"<str:owner>/<str:name>{below}", view)


urlpatterns = [
    path("", pages.index),
    path("_person", pages.person),
    path("api/v3/", include("sandbox.github.api.urls")),
    path("login/oauth/authorize", oauth.authorize),
    path("login/oauth/access_token", oauth.access_token),
    path("_oidc/.well-known/openid-configuration", oidc.configuration),
    path("_oidc/.well-known/jwks", oidc.keys),
    path("_oidc/token", oidc.token),
    path("_logs/<str:ticket>", actions.log_text),
    re_path(
        r"^(?P<owner>[^/]+)/(?P<name>[^/]+)/(?P<service>info/refs|git-upload-pack|git-receive-pack)$", smart_http.serve
    ),
    repo("", pages.repository),
    repo("/tree/<path:branch>", pages.repository),
    repo("/_settings/<str:what>", pages.settings_changed),
    repo("/pull/<int:number>", pages.pull),
    repo("/pull/<int:number>/_<str:what>", pages.pull_changed),
    repo("/actions/runs/<int:number>", pages.run),
    repo("/actions/runs/<int:number>/job/<int:job>", pages.run),
    repo("/actions/runs/<int:number>/_<str:what>", pages.run_changed),
    repo("/commit/<str:sha>", pages.commit),
]
