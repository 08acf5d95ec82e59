"""The sandbox's own pages: what it is, and the requests that it saw."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

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
    return JsonResponse({"requests": [one | {"at": one["at"].isoformat()} for one in found]})


@require_safe
def request_page(request: HttpRequest) -> HttpResponse:
    try:
        found = _asked_for(request, limit=200)[::-1]
    except ValueError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    providers = Request.objects.values_list("provider", flat=True).distinct().order_by("provider")
    shown = {"requests": found, "providers": providers, "provider": request.GET.get("provider", "")}
    return render(request, "world/requests.html", shown)


def _asked_for(request: HttpRequest, limit: int = 1000) -> list[dict[str, Any]]:
    wanted = request.GET
    after = _moment(wanted["since"]) if wanted.get("since") else None
    most = min(int(wanted.get("limit") or limit), requestlog.KEPT)
    return requestlog.since(wanted.get("provider", ""), wanted.get("method", ""), after, most)


def _moment(said: str) -> datetime:
    if said.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(said), UTC)
    read = datetime.fromisoformat(said.replace(" ", "+"))  # an unescaped plus of the zone arrives as a blank
    return read if read.tzinfo else read.replace(tzinfo=UTC)
