"""Everything below `/github/`, in the layout of GitHub Enterprise Server."""

from django.urls import include, path, re_path

from sandbox.github import oauth, oidc, smart_http
from sandbox.github.api import actions

urlpatterns = [
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
]
