"""The sandbox's own pages: what it is, and the requests that it saw."""

import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from sandbox import settings
from sandbox.world import cast, requestlog
from sandbox.world.models import Fault, Request

STYLE = Path(__file__).parent / "style.css"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What this is, who lives here, and where everything is."""
    shown = {
        "people": [{"person": one, "teams": cast.teams_of(one.login)} for one in cast.PEOPLE],
        "repositories": cast.REPOSITORIES,
        "organisation": cast.ORGANISATION,
        "base": settings.BASE_URL,
        "faults": Fault.objects.exclude(times=0).count(),
        "latest": Request.objects.order_by("-id")[:8],
    }
    return render(request, "world/index.html", shown)


@require_safe
def style(request: HttpRequest) -> FileResponse:
    return FileResponse(STYLE.open("rb"), content_type="text/css")


@require_GET
def alive(request: HttpRequest) -> JsonResponse:
    """Answers once the server is up, with what a starter needs to know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ready": True, "url": settings.BASE_URL, "sqlite": sqlite3.sqlite_version})


@require_GET
def people(request: HttpRequest) -> JsonResponse:
    """The cast, with everybody's token: for the demo and for tests in other processes."""
    found = [asdict(one) | {"email": one.email, "token": one.token} for one in cast.PEOPLE]
    return JsonResponse({"organisation": cast.ORGANISATION, "people": found, "teams": [asdict(t) for t in cast.TEAMS]})


@csrf_exempt
@require_http_methods(["GET", "DELETE"])
def requests(request: HttpRequest) -> JsonResponse:
    """The request log as JSON: `?provider=&method=&since=` (ISO time or seconds since 1970) `&limit=`."""
    if request.method == "DELETE":
        Request.objects.all().delete()
        return JsonResponse({"requests": []})
    try:
        found = _asked_for(request)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"requests": [_as_json(one) for one in found]})


@require_safe
def request_page(request: HttpRequest) -> HttpResponse:
    try:
        found = _asked_for(request, limit=200)[::-1]
    except ValueError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    providers = Request.objects.values_list("provider", flat=True).distinct().order_by("provider")
    shown = {"requests": found, "providers": providers, "provider": request.GET.get("provider", "")}
    return render(request, "world/requests.html", shown)


def _asked_for(request: HttpRequest, limit: int = 1000) -> list[Request]:
    wanted = request.GET
    after = _moment(wanted["since"]) if wanted.get("since") else None
    most = min(int(wanted.get("limit") or limit), requestlog.KEPT)
    return requestlog.since(wanted.get("provider", ""), wanted.get("method", ""), after, most)


def _moment(said: str) -> datetime:
    if said.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(said), UTC)
    read = datetime.fromisoformat(said.replace(" ", "+"))  # an unescaped plus of the zone arrives as a blank
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _as_json(one: Request) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "provider": one.provider,
        "method": one.method,
        "path": one.path,
        "query": one.query,
        "status": one.status,
        "milliseconds": one.milliseconds,
        "agent": one.agent,
        "request_id": one.request_id,
        "fault": one.fault,
    }
