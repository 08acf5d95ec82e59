"""Everything below `/registry/`."""

from django.urls import path, re_path

from sandbox.registry import views

urlpatterns = [
    path("v2/", views.version),
    re_path(r"^v2/(?P<name>.+)/manifests/(?P<reference>[^/]+)$", views.manifest),
    re_path(r"^v2/(?P<name>.+)/tags/list$", views.tags),
]
