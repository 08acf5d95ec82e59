"""Lists come in pages, with a Link header that leads through them."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet

from sandbox.github.api.door import Answer, Call

MOST = 100
USUAL = 30


def _number(text: str | None, usual: int) -> int:
    return max(1, int(text)) if text and text.isdigit() else usual


def page(call: Call, items: Sequence[Any] | QuerySet[Any], show: Callable[[Any], Any], wrapped: str = "") -> Answer:
    """The page that `?page=` and `?per_page=` ask for; `wrapped` puts it below that key, next to `total_count`."""
    query = call.request.GET
    size = min(MOST, _number(query.get("per_page"), USUAL))
    number = _number(query.get("page"), 1)
    total = items.count() if isinstance(items, QuerySet) else len(items)
    shown = [show(item) for item in items[(number - 1) * size : number * size]]
    last = max(1, -(-total // size))
    before = {"prev": number - 1} if number > 1 else {}
    after = {"next": number + 1, "last": last} if number < last else {}
    links = ", ".join(f'<{_address(call, target)}>; rel="{name}"' for name, target in (before | after).items())
    data = {"total_count": total, wrapped: shown} if wrapped else shown
    return Answer(data, headers={"Link": links} if links else {})


def _address(call: Call, number: int) -> str:
    query = {**call.request.GET.dict(), "page": str(number)}
    return f"{settings.BASE_URL}{call.request.path}?{urlencode(query)}"
