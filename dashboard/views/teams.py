"""The pages of teams: what is broken, and why."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

import patterns
from dashboard import applications
from onboarding.pages.paging import page_of
from onboarding.views.requests import is_current, person_of, wants_fragment

PER_PAGE = 100
_TEXT_OF_TIMES = patterns.repeated(r"(<time\b[^>]{0,500}>)[^<]{0,200}")


@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """The teams that this person may see; a single team's page opens directly."""
    teams = list(applications.teams_of(person_of(request)))
    if len(teams) == 1:
        return redirect("team", teams[0].key)
    return render(request, "dashboard/teams.html", {"teams": teams})


@require_safe
@vary_on_headers("HX-Request")
def team(request: HttpRequest, key: str) -> HttpResponse:
    """A team's applications; 204 to a page that polls and already shows them."""
    team = applications.team_of(person_of(request), key)
    if team is None:
        raise Http404("There is no such team, or you cannot see it.")
    text = request.GET.get("q", "").strip()[:100]
    page = page_of(applications.of(team, text), request.GET.get("page"), PER_PAGE)
    context = {
        "team": team,
        "page": page,
        "text": text,
        "rows": applications.views(page),
        "counts": applications.counts(team),
    }
    digest = _digest(render_to_string("dashboard/team.html#applications", context, request))
    if is_current(request, "version", digest):
        return HttpResponse(status=204)
    template = "dashboard/team.html#live" if wants_fragment(request) else "dashboard/team.html"
    return render(request, template, context | {"digest": digest})


def _digest(content: str) -> str:
    """Changes with everything that the page shows, except how long ago something was."""
    return hashlib.sha256(_TEXT_OF_TIMES.sub(r"\1", content).encode()).hexdigest()[:16]
