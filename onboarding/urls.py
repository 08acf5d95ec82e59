"""Nouns of the journey."""

from django.urls import path

from onboarding.views import addresses, operations, plans, queue, runs

urlpatterns = [
    path("", addresses.home, name="home"),
    path("addresses/", addresses.check, name="addresses"),
    path("plans/", plans.create, name="plans"),
    path("plans/<uuid:plan_id>/", plans.show, name="plan"),
    path("plans/<uuid:plan_id>/departures/", plans.leave, name="departures"),
    path("onboardings/", runs.collection, name="onboardings"),
    path("onboardings/<uuid:onboarding_id>/", runs.show, name="onboarding"),
    path("onboardings/<uuid:onboarding_id>/retries/", runs.retry, name="retries"),
    path("onboardings/<uuid:onboarding_id>/repetitions/", runs.repetition, name="repetitions"),
    path("onboardings/<uuid:onboarding_id>/settings/", runs.settings, name="settings"),
    path("onboardings/<uuid:onboarding_id>/undo/", runs.undo, name="undo"),
    path("onboardings/<uuid:onboarding_id>/cancellation/", runs.cancellation, name="cancellation"),
    path("onboardings/<uuid:onboarding_id>/attempts/<int:attempt_id>/log", runs.log, name="log"),
    path("queue/", queue.show, name="queue"),
    path("operations/", operations.show, name="operations"),
    path("metrics", operations.metrics, name="metrics"),
    path("blockers/<uuid:blocker_id>/looks/", queue.look, name="looks"),
]
