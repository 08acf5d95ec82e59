"""Onramp works below a path prefix: every local address on every page begins with it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import set_script_prefix
from pytest_django import Settings

from tests.conftest import Cast
from tests.pages import rows
from tests.pages.conftest import signed_in
from tests.pages.every_page import PAGES
from tests.pages.test_addresses import FRAGMENT

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"""\b(?:href|src|action|formaction|hx-get|hx-post|data-icon)\s*=\s*["'](/[^"']*)""")
HARD_CODED = re.compile(r"""\b(?:href|src|action|formaction|hx-[a-z]+|data-[a-z]+)\s*=\s*["']?\s*/""")
HARD_CODED_IN_SCRIPT = re.compile(r"""["'`]/\w""")


@pytest.fixture
def below_prefix(settings: Settings) -> Iterator[None]:
    """As the WSGI handler does it for each request; the test client does not."""
    settings.FORCE_SCRIPT_NAME = "/onramp"
    set_script_prefix("/onramp/")
    settings.STATIC_URL = "static/"  # its value with the prefix is cached until it is set again
    yield
    set_script_prefix("/")


def not_below_prefix(content: bytes) -> list[str]:
    addresses = ADDRESS.findall(content.decode())
    assert addresses
    return [address for address in addresses if not address.startswith("/onramp/")]


@pytest.mark.parametrize("name", PAGES)
def test_every_address_of_a_page_begins_with_the_prefix(name: str, cast: Cast, below_prefix: None) -> None:
    login, create = PAGES[name]
    response = signed_in(getattr(cast, login) if login else None).get(create(cast))
    assert response.status_code == 200
    assert not_below_prefix(response.content) == []


@pytest.mark.parametrize(("path", "status"), [("/nothing/", 404), ("/queue/", 403), ("/accounts/inactive/", 403)])
def test_every_address_of_an_error_page_begins_with_the_prefix(
    path: str, status: int, alice: Client, below_prefix: None
) -> None:
    response = alice.get(path)
    assert response.status_code == status
    assert not_below_prefix(response.content) == []


def test_every_address_of_the_csrf_page_begins_with_the_prefix(cast: Cast, below_prefix: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    response = client.post("/plans/", {"address": "acme/shop"})
    assert response.status_code == 403
    assert not_below_prefix(response.content) == []


def test_every_address_of_the_server_error_page_begins_with_the_prefix(
    alice: Client, below_prefix: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.raise_request_exception = False
    monkeypatch.setattr("onboarding.pages.lists.MAX_RECENT", "not a number")
    response = alice.get("/")
    assert response.status_code == 500
    assert not_below_prefix(response.content) == []


def test_redirects_stay_below_the_prefix(cast: Cast, alice: Client, client: Client, below_prefix: None) -> None:
    row = rows.onboarding(cast)
    assert client.get("/")["Location"] == "/onramp/sign-in/?next=/onramp/"
    assert client.get("/", headers=FRAGMENT)["HX-Redirect"] == "/onramp/sign-in/"
    location = alice.post(f"/onboardings/{row.pk}/retries/", {"step": "access"})["Location"]
    assert location == f"/onramp/onboardings/{row.pk}/#step-access"


def test_the_page_of_the_current_section_is_marked_below_the_prefix(alice: Client, below_prefix: None) -> None:
    content = alice.get("/onboardings/").content.decode()
    assert re.findall(r'href="([^"]*)"\s+aria-current="page"', content) == ["/onramp/onboardings/"]


def test_no_template_contains_a_hard_coded_address() -> None:
    templates = [(path, HARD_CODED) for path in (ROOT / "templates").rglob("*.html")]
    scripts = [(path, HARD_CODED_IN_SCRIPT) for path in (ROOT / "static").rglob("*.js")]
    assert len(templates) > 50
    assert scripts
    assert [str(path) for path, pattern in templates + scripts if pattern.search(path.read_text())] == []
