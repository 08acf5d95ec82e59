"""Every page in light and dark, at 320, 360 and 1280 pixels: no axe finding, nothing that overflows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from catalog.models import Person
from tests.browser.conftest import Visitor
from tests.conftest import Cast
from tests.pages.every_page import PAGES

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = (320, 360, 1280)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_in_light_and_dark_at_every_width(
    name: str, cast: Cast, visitor: Visitor, axe: Callable[[Page], list[str]]
) -> None:
    login, create = PAGES[name]
    person: Person | None = getattr(cast, login) if login else None
    page = visitor.open(person, create(cast))
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(details => { details.open = true; })")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert axe(page) == [], (scheme, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (scheme, width)


@pytest.mark.parametrize("path", ["/nothing/", "/queue/"])
def test_an_error_page_is_accessible(path: str, cast: Cast, visitor: Visitor, axe: Callable[[Page], list[str]]) -> None:
    page = visitor.open(cast.alice, path)
    assert axe(page) == []
    assert all("Failed to load resource" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()
