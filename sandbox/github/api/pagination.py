"""Paginated lists, with a Link header to the other pages."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet

from sandbox.github.api.call import Call, Response

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 30


def _positive_int(text: str | None, default: int) -> int:
    return max(1, int(text)) if text and text.isdigit() else default


def paginated(
    call: Call, items: Sequence[Any] | QuerySet[Any], payload: Callable[[Any], Any], key: str = ""
) -> Response:
    """The page that `?page=` and `?per_page=` select. `key` puts it below that key, next to `total_count`."""
    query = call.request.GET
    size = min(MAX_PAGE_SIZE, _positive_int(query.get("per_page"), DEFAULT_PAGE_SIZE))
    number = _positive_int(query.get("page"), 1)
    total = items.count() if isinstance(items, QuerySet) else len(items)
    page = [payload(item) for item in items[(number - 1) * size : number * size]]
    last = max(1, -(-total // size))
    before = {"prev": number - 1} if number > 1 else {}
    after = {"next": number + 1, "last": last} if number < last else {}
    links = ", ".join(f'<{_page_url(call, target)}>; rel="{name}"' for name, target in (before | after).items())
    data = {"total_count": total, key: page} if key else page
    return Response(data, headers={"Link": links} if links else {})


def _page_url(call: Call, number: int) -> str:
    query = {**call.request.GET.dict(), "page": str(number)}
    return f"{settings.BASE_URL}{call.request.path}?{urlencode(query)}"
