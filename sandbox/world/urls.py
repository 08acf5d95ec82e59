"""The sandbox's own URLs. Requests under `/_/` are neither logged nor subject to fault rules."""

from django.urls import URLPattern, URLResolver, path

from sandbox.world import faults, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index),
    path("_/style.css", views.style),
    path("_/requests", views.requests),
    path("_/requests/", views.request_page),
    path("_/faults", faults.rules),
    path("_/faults/<int:number>", faults.rule),
    path("_/misbehaviour/", faults.page),
    path("_/misbehaviour/added", faults.add),
    path("_/misbehaviour/<int:number>/removed", faults.remove),
]
