"""The teams and what they run."""

from django.urls import path

from dashboard import views

urlpatterns = [
    path("teams/", views.teams, name="teams"),
    path("teams/<slug:slug>/", views.team, name="team"),
]
