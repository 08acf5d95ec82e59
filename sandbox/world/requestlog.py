"""The requests that the sandbox saw, in a table that keeps the last 20,000."""

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.http import HttpRequest

from sandbox.world.models import Request

KEPT = 20_000
SLACK = 500  # how many rows above KEPT before the oldest are swept out
APPLICATION = "application"


def provider_of(request: HttpRequest) -> str:
    """Which tool was asked: the first part of the path, or `application` for a deployed application's own address."""
    host = request.get_host().partition(":")[0]
    if host.endswith(".localhost"):
        return APPLICATION
    return request.path.lstrip("/").partition("/")[0] or "index"


def keep(*, provider: str, status: int | None, milliseconds: float, **about: str) -> None:
    """`about` are further columns; what is longer than they hold is cut."""
    texts = {name: text[:2000] for name, text in about.items()}
    row = Request.objects.create(provider=provider, status=status, milliseconds=round(milliseconds, 2), **texts)
    if row.id % SLACK == 0:
        sweep()


def sweep() -> None:
    """Forget all but the last 20,000."""
    newest = Request.objects.aggregate(newest=Max("id"))["newest"] or 0
    Request.objects.filter(id__lte=newest - KEPT).delete()


def since(provider: str, method: str, after: datetime | None, limit: int) -> list[dict[str, Any]]:
    """The latest requests of a provider, a method and after a moment, where these are given; oldest first."""
    wanted = {"provider": provider, "method": method.upper(), "at__gt": after}
    found = Request.objects.filter(**{name: value for name, value in wanted.items() if value})
    return [dict(one) for one in found.order_by("-id").values()[:limit]][::-1]
