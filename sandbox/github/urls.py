"""Everything below `/github/`, in the layout of GitHub Enterprise Server."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, include, path, re_path

from sandbox.github import oauth, oidc, smart_http
from sandbox.github.api import actions
from sandbox.github.pages import pulls, repositories, runs


def repository_path(suffix: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    return path(f"<str:owner>/<str:name>{suffix}", view)


urlpatterns = [
    path("", repositories.index),
    path("_person", repositories.choose_person),
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
    repository_path("", repositories.show),
    repository_path("/tree/<path:branch>", repositories.show),
    repository_path("/_settings/<str:setting>", repositories.change_setting),
    repository_path("/pull/<int:number>", pulls.show),
    repository_path("/pull/<int:number>/_<str:action>", pulls.act),
    repository_path("/actions/runs/<int:number>", runs.show),
    repository_path("/actions/runs/<int:number>/job/<int:job>", runs.show),
    repository_path("/actions/runs/<int:number>/_<str:action>", runs.act),
    repository_path("/commit/<str:sha>", repositories.show_commit),
]
