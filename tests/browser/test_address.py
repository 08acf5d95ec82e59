"""The first page in a browser: the check while a person types, and the way to the plan by click and by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.conftest import Cast
from tests.sandbox.process import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_check_responds_within_a_second_of_the_last_key(cast: Cast, acme: Sandbox, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, "/")
    page.fill("#address", "acme/no-such-repository")
    expect(page.locator("#understood")).to_contain_text("There is no repository", timeout=5_000)
    page.fill("#address", f"{acme.url}/github/acme/parcel-tracker/tree/main")
    expect(page.locator("#understood")).to_contain_text("acme/parcel-tracker", timeout=1_400 + 1_000)
    assert page.evaluate("document.activeElement.id") == "address"
    visitor.complaints[:] = [each for each in visitor.complaints if "ERR_ABORTED" not in each]


def test_the_keyboard_leads_from_the_url_to_the_run(cast: Cast, acme: Sandbox, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, "/")
    page.focus("#address")
    page.keyboard.type("acme/parcel-tracker")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("acme/parcel-tracker", timeout=20_000)
    page.locator("#start").press("Enter")
    expect(page.locator("#progress")).to_contain_text("0 of 12 steps")
    assert "/onboardings/" in page.url


def test_a_link_can_fill_in_the_url(cast: Cast, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, "/?address=http%3A%2F%2F127.0.0.1%2Facme%2Fshop")
    assert page.input_value("#address") == "http://127.0.0.1/acme/shop"
