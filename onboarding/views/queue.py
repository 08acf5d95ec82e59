"""The platform's queue of blockers."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from engine import waking
from onboarding.models import Blocker
from onboarding.pages import blocker_costs, blockers
from onboarding.views.requests import platform_of, wants_fragment


@require_safe
@vary_on_headers("HX-Request")
def show(request: HttpRequest) -> HttpResponse:
    person = platform_of(request)
    context = {
        "blockers": blockers.queue(person),
        "closed": blockers.closed_recently(person),
        "costs": blocker_costs.this_month(person),
    }
    template = "onboarding/queue.html#queue" if wants_fragment(request) else "onboarding/queue.html"
    return render(request, template, context)


@require_POST
def check(request: HttpRequest, blocker_id: uuid.UUID) -> HttpResponse:
    """Check now whether the condition holds."""
    try:
        blocker = blockers.governed(platform_of(request)).get(pk=blocker_id)
    except Blocker.DoesNotExist as error:
        raise Http404("There is no such blocker, or you cannot see it.") from error
    waking.wake_run(blocker.pk)
    messages.info(request, f"Checking now: {blocker.summary}.")
    return redirect("queue")
