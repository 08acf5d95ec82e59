"""The API server's paths, as in Kubernetes' API conventions, and the pages of the cluster."""

from django.urls import URLPattern, URLResolver, path

from sandbox.kubernetes import pages, views

_GROUPS = "apis/<str:group>/<str:version>"


def _objects(prefix: str) -> list[URLPattern]:
    namespaced = f"{prefix}/namespaces/<str:namespace>/<str:plural>"
    return [
        path(namespaced, views.resource),
        path(f"{namespaced}/<str:name>", views.resource),
        path(f"{namespaced}/<str:name>/<str:subresource>", views.resource),
        path(f"{prefix}/<str:plural>", views.resource),
        path(f"{prefix}/<str:plural>/<str:name>", views.resource),
        path(f"{prefix}/<str:plural>/<str:name>/<str:subresource>", views.resource),
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("version", views.version),
    path("api", views.discovery),
    path("api/v1", views.discovery, {"version": "v1"}),
    path("apis", views.discovery),
    path(_GROUPS, views.discovery),
    *_objects("api/v1"),
    *_objects(_GROUPS),
    path("ui/", pages.index),
    path("ui/settings/<str:name>/", pages.setting),
    path("ui/namespaces/<str:name>/", pages.namespace),
    path("ui/allowances/<str:team>/", pages.allowance),
]
