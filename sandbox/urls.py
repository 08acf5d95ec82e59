"""A URL prefix for each simulated tool."""

from django.urls import include, path

urlpatterns = [
    path("", include("sandbox.world.urls")),
    path("github/", include("sandbox.github.urls")),
    path("kubernetes/", include("sandbox.kubernetes.urls")),
    path("jira/", include("sandbox.jira.urls")),
    path("jira-cloud/", include("sandbox.jira.cloud")),
    path("registry/", include("sandbox.registry.urls")),
    path("", include("sandbox.observability.urls")),  # /prometheus/ and /elasticsearch/
    path("", include("sandbox.messages.urls")),  # /slack/ and /mailbox/
]
