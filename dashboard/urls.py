"""The teams and what they run, and how Onramp itself is doing."""

from django.urls import path

from dashboard.views import operations, record, teams

urlpatterns = [
    path("teams/", teams.teams, name="teams"),
    path("teams/<slug:key>/", teams.team, name="team"),
    path("record/", record.show, name="record"),
    path("operations/", operations.show, name="operations"),
    path("metrics", operations.metrics, name="metrics"),
]
