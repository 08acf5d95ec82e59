"""The sandbox's own pages: the overview and the request log."""

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
    """An overview of the tools, repositories and people."""
    context = {
        "people": [{"person": person, "teams": cast.teams_of(person.login)} for person in cast.PEOPLE],
        "repositories": cast.REPOSITORIES,
        "organisation": cast.ORGANISATION,
        "base": settings.BASE_URL,
        "faults": Fault.objects.exclude(times=0).count(),
        "latest": Request.objects.order_by("-id")[:8],
    }
    return render(request, "world/index.html", context)


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
        rows = _selected(request)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"requests": [row | {"at": row["at"].isoformat()} for row in rows]})


@require_safe
def request_page(request: HttpRequest) -> HttpResponse:
    try:
        rows = _selected(request, limit=200)[::-1]
    except ValueError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    providers = Request.objects.values_list("provider", flat=True).distinct().order_by("provider")
    context = {"requests": rows, "providers": providers, "provider": request.GET.get("provider", "")}
    return render(request, "world/requests.html", context)


def _selected(request: HttpRequest, limit: int = 1000) -> list[dict[str, Any]]:
    """The rows that the query parameters select. Raises ValueError."""
    query = request.GET
    after = _time(query["since"]) if query.get("since") else None
    limit = min(int(query.get("limit") or limit), requestlog.MAX_REQUESTS)
    return requestlog.latest(query.get("provider", ""), query.get("method", ""), after, limit)


def _time(text: str) -> datetime:
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text), UTC)
    time = datetime.fromisoformat(text.replace(" ", "+"))  # an unescaped plus of the offset arrives as a space
    return time if time.tzinfo else time.replace(tzinfo=UTC)
