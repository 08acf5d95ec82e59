"""The page of what people did, and its export."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import record
from events.models import Event
from onboarding.pages.paging import page_of
from onboarding.views.requests import platform_of

PER_PAGE = 100
EXPORTS = {"csv": (record.as_csv, "text/csv"), "jsonl": (record.as_json_lines, "application/x-ndjson")}
"""Format → (lines, media type)."""


@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    """For platform teams; with `format`, everything that the filter lets through as a file."""
    person, text = request.GET.get("person", "").strip()[:100], request.GET.get("q", "").strip()[:100]
    events = record.of(platform_of(request), person, text)
    if request.GET.get("format") in EXPORTS:
        return _export(request.GET["format"], events)
    page = page_of(events, request.GET.get("page"), PER_PAGE)
    context = {"page": page, "lines": [record.line(event) for event in page], "person": person, "text": text}
    return render(request, "dashboard/record.html", context)


def _export(name: str, events: QuerySet[Event]) -> StreamingHttpResponse:
    lines, media_type = EXPORTS[name]
    headers = {"Content-Disposition": f'attachment; filename="onramp-record.{name}"'}
    return StreamingHttpResponse(lines(events), content_type=f"{media_type}; charset=utf-8", headers=headers)
