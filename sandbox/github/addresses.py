"""Addresses and dates as GitHub writes them into its answers."""

from datetime import datetime
from typing import Protocol
from urllib.parse import quote

from django.conf import settings

WEB = f"{settings.BASE_URL}/github"
API = f"{WEB}/api/v3"
DOCS = "https://docs.github.com/rest"


class Named(Protocol):
    """A repository, as far as its addresses go."""

    owner: str
    name: str


def web(*parts: str | int) -> str:
    return "/".join([WEB, *(quote(str(part)) for part in parts)])


def api(*parts: str | int) -> str:
    return "/".join([API, *(quote(str(part)) for part in parts)])


def page_of(repository: Named, *parts: str | int) -> str:
    """A page of a repository, for people."""
    return web(repository.owner, repository.name, *parts)


def api_of(repository: Named, *parts: str | int) -> str:
    """An address of the API below a repository."""
    return api("repos", repository.owner, repository.name, *parts)


def compare_page(repository: Named, before: str, after: str) -> str:
    return page_of(repository, "compare", f"{before}...{after}")


def node_id(kind: str, number: int) -> str:
    """An opaque id, the same for the same object."""
    return f"{kind}_{number}"


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_or_none(at: datetime | None) -> str | None:
    return iso(at) if at else None
