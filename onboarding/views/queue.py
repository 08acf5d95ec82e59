"""The platform's queue of causes."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from onboarding.engine import waking
from onboarding.models import Blocker
from onboarding.reading import causes
from onboarding.views.asking import platform_of, wants_fragment


@require_safe
@vary_on_headers("HX-Request")
def show(request: HttpRequest) -> HttpResponse:
    person = platform_of(request)
    shown = {
        "causes": causes.queue(person),
        "cleared": causes.cleared_recently(person),
        "month": causes.this_month(person),
    }
    template = "onboarding/queue.html#queue" if wants_fragment(request) else "onboarding/queue.html"
    return render(request, template, shown)


@require_POST
def look(request: HttpRequest, blocker_id: uuid.UUID) -> HttpResponse:
    """Look now whether the condition holds."""
    try:
        blocker = causes.governed_one(platform_of(request), blocker_id)
    except Blocker.DoesNotExist as error:
        raise Http404("There is no such cause that you may see.") from error
    waking.wake_run(blocker.pk)
    messages.info(request, f"Looking now: {blocker.summary}.")
    return redirect("queue")
