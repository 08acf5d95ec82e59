"""The sandbox's own addresses; everything below `/_/` is neither logged nor made to misbehave."""

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
    path("_/misbehaviour/added", faults.page_added),
    path("_/misbehaviour/<int:number>/removed", faults.page_removed),
]
