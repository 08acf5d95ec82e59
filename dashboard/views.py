"""Is anything of ours broken, and why?"""

import hashlib

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from dashboard import applications
from onboarding.views.asking import person_of, wants_fragment

PER_PAGE = 100


@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """The teams one may look at; with one team there is nothing to choose."""
    found = list(applications.teams_of(person_of(request)))
    if len(found) == 1:
        return redirect("team", found[0].slug)
    return render(request, "dashboard/teams.html", {"teams": found})


@require_safe
@vary_on_headers("HX-Request")
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """A team's applications; to a page that asks for news, 204 while it shows them already."""
    found = applications.team_of(person_of(request), slug)
    if found is None:
        raise Http404("There is no such team that you may see.")
    text = request.GET.get("q", "").strip()[:100]
    page = Paginator(applications.of(found, text), PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "team": found,
        "page": page,
        "text": text,
        "rows": applications.views(page.object_list),
        "count": applications.counted(found),
    }
    content = render_to_string("dashboard/team.html#applications", shown, request)
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    if not wants_fragment(request):
        return render(request, "dashboard/team.html", shown | {"digest": digest})
    if request.GET.get("version") == digest:
        return HttpResponse(status=204)
    return render(request, "dashboard/team.html#live", shown | {"digest": digest})
