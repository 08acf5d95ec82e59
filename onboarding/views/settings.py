"""The values of an application's variables: which are set, and a form for new ones."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from engine.interventions import NotPossible
from onboarding.actions import secret_values as actions
from onboarding.pages import secret_values
from onboarding.pages.wording import listed
from onboarding.plans.preflight import RequestRejected
from onboarding.views.requests import person_of
from onboarding.views.runs import visible

FIELD = "value-"
"""Prefix of the form's fields; the rest is the variable's name."""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def show(request: HttpRequest, onboarding_id: uuid.UUID) -> HttpResponse:
    """Entered values go straight to the cluster and are never shown."""
    onboarding = visible(request, onboarding_id)
    if request.method != "POST":
        return render(request, "onboarding/settings.html", {"view": secret_values.of(onboarding)})
    application = request.POST.get("application", "")
    values = {
        name.removeprefix(FIELD): value
        for name, value in request.POST.items()
        if name.startswith(FIELD) and isinstance(value, str)
    }
    try:
        saved = actions.enter(person_of(request), onboarding, application, values)
    except RequestRejected as error:
        messages.error(request, error.message)
        return redirect("settings", onboarding.pk)
    except NotPossible as error:
        messages.warning(request, str(error))
        return redirect("onboarding", onboarding.pk)
    messages.success(request, f"Saved {listed(saved)} in the Secret of {application}.")
    return redirect("settings" if secret_values.of(onboarding).missing else "onboarding", onboarding.pk)
