"""The log of the last 20,000 requests to the sandbox."""

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.http import HttpRequest

from sandbox.world.models import Request

MAX_REQUESTS = 20_000
SWEEP_EVERY = 500  # rows
APPLICATION = "application"


def provider_of(request: HttpRequest) -> str:
    """The tool that the request is for: the first part of the path, or `application` for a deployed application."""
    host = request.get_host().partition(":")[0]
    if host.endswith(".localhost"):
        return APPLICATION
    return request.path.lstrip("/").partition("/")[0] or "index"


def record(*, provider: str, status: int | None, milliseconds: float, **columns: str) -> None:
    """Log a request. The texts in `columns` are truncated to 2,000 characters."""
    texts = {name: text[:2000] for name, text in columns.items()}
    row = Request.objects.create(provider=provider, status=status, milliseconds=round(milliseconds, 2), **texts)
    if row.id % SWEEP_EVERY == 0:
        sweep()


def sweep() -> None:
    """Delete all but the last 20,000 requests."""
    newest = Request.objects.aggregate(newest=Max("id"))["newest"] or 0
    Request.objects.filter(id__lte=newest - MAX_REQUESTS).delete()


def latest(provider: str, method: str, after: datetime | None, limit: int) -> list[dict[str, Any]]:
    """The latest requests, oldest first; of a provider, of a method and after a time where these are not empty."""
    conditions = {"provider": provider, "method": method.upper(), "at__gt": after}
    rows = Request.objects.filter(**{name: value for name, value in conditions.items() if value})
    return [dict(row) for row in rows.order_by("-id").values()[:limit]][::-1]
