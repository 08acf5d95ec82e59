"""The addresses of onboarding's pages: nouns, with sub-resources for what people do to them."""

from django.urls import path

from onboarding.views import addresses, plans, previews, queue, runs, settings

urlpatterns = [
    path("", addresses.home, name="home"),
    path("addresses/", addresses.check, name="addresses"),
    path("plans/", plans.create, name="plans"),
    path("plans/<uuid:plan_id>/", plans.show, name="plan"),
    path("plans/<uuid:plan_id>/departures/", plans.leave, name="departures"),
    path("onboardings/", runs.collection, name="onboardings"),
    path("onboardings/<uuid:onboarding_id>/", runs.show, name="onboarding"),
    path("onboardings/<uuid:onboarding_id>/agreements/", runs.agree, name="agreements"),
    path("onboardings/<uuid:onboarding_id>/retries/", runs.retry, name="retries"),
    path("onboardings/<uuid:onboarding_id>/reruns/", previews.rerun, name="reruns"),
    path("onboardings/<uuid:onboarding_id>/settings/", settings.show, name="settings"),
    path("onboardings/<uuid:onboarding_id>/undo/", previews.undo, name="undo"),
    path("onboardings/<uuid:onboarding_id>/cancellation/", previews.cancellation, name="cancellation"),
    path("onboardings/<uuid:onboarding_id>/attempts/<int:attempt_id>/log", runs.log, name="log"),
    path("queue/", queue.show, name="queue"),
    path("blockers/<uuid:blocker_id>/checks/", queue.check, name="checks"),
]
