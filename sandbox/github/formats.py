"""URLs, ids and dates in the form that GitHub's responses use."""

from datetime import datetime
from typing import Protocol
from urllib.parse import quote

from django.conf import settings

WEB = f"{settings.BASE_URL}/github"
API = f"{WEB}/api/v3"
DOCS = "https://docs.github.com/rest"


class NamedRepository(Protocol):
    """The part of a repository that its URLs need."""

    owner: str
    name: str


def web_url(*parts: str | int) -> str:
    return "/".join([WEB, *(quote(str(part)) for part in parts)])


def api_url(*parts: str | int) -> str:
    return "/".join([API, *(quote(str(part)) for part in parts)])


def repository_page(repository: NamedRepository, *parts: str | int) -> str:
    """The URL of one of the repository's web pages."""
    return web_url(repository.owner, repository.name, *parts)


def repository_api(repository: NamedRepository, *parts: str | int) -> str:
    """The URL of an API resource below the repository."""
    return api_url("repos", repository.owner, repository.name, *parts)


def compare_page(repository: NamedRepository, before: str, after: str) -> str:
    return repository_page(repository, "compare", f"{before}...{after}")


def node_id(kind: str, number: int) -> str:
    """An opaque id that is always the same for the same object."""
    return f"{kind}_{number}"


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_or_none(at: datetime | None) -> str | None:
    return iso(at) if at else None
