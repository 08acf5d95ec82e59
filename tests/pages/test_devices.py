"""Signed-in devices: a list of mine, each can be signed out, and the database holds no key that a cookie needs."""

import hashlib

import pytest
from django.conf import settings as django_settings
from django.test import Client, RequestFactory
from pytest_django import Settings

from portal.client_address import client_address, network_of
from portal.devices import browser_name
from portal.models import Session
from portal.sessions import digest_of, end_sessions_of
from tests.conftest import Cast
from tests.pages.conftest import signed_in
from tests.pages.test_addresses import words

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def key_of(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def test_the_key_of_a_cookie_is_not_stored(alice: Client) -> None:
    row = Session.objects.get()
    assert row.pk == hashlib.sha256(key_of(alice).encode()).hexdigest()
    assert key_of(alice) not in f"{row.pk} {row.session_data}"


def test_the_stored_hash_is_no_key(alice: Client) -> None:
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = Session.objects.get().pk
    assert thief.get("/onboardings/").status_code == 302


def test_my_devices_are_listed_and_nobody_elses(cast: Cast, alice: Client, bob: Client) -> None:
    bob.get("/", headers={"User-Agent": "bobs/1"})
    page = words(alice.get("/people/me/devices/", headers={"User-Agent": FIREFOX}).content)
    assert "Firefox on Linux (this device) 127.0.0.1" in page
    assert "bobs" not in page
    assert page.count("127.0.0.1") == 1


def test_one_device_is_signed_out(cast: Cast, alice: Client) -> None:
    other = signed_in(cast.alice)
    answer = alice.post(f"/people/me/devices/{digest_of(key_of(other))}/", follow=True)
    assert "Signed out Unknown browser." in words(answer.content)
    assert other.get("/onboardings/").status_code == 302
    assert alice.get("/onboardings/").status_code == 200


def test_signing_out_this_device_leads_to_sign_in(alice: Client) -> None:
    assert alice.post(f"/people/me/devices/{digest_of(key_of(alice))}/")["Location"] == "/sign-in/"
    assert not Session.objects.exists()


def test_everywhere_else_is_signed_out(cast: Cast, alice: Client, bob: Client) -> None:
    others = [signed_in(cast.alice) for _ in range(2)]
    answer = alice.post("/people/me/devices/others/", follow=True)
    assert "Signed out 2 other devices." in words(answer.content)
    assert [client.get("/onboardings/").status_code for client in (*others, alice, bob)] == [302, 302, 200, 200]


def test_nobody_signs_out_another_person(alice: Client, bob: Client) -> None:
    assert bob.post(f"/people/me/devices/{digest_of(key_of(alice))}/").status_code == 404
    bob.post("/people/me/devices/others/")
    assert alice.get("/onboardings/").status_code == 200


def test_signing_out_ends_the_session_at_the_server(alice: Client) -> None:
    key = key_of(alice)
    alice.post("/sign-out/")
    alice.cookies[django_settings.SESSION_COOKIE_NAME] = key
    assert alice.get("/onboardings/").status_code == 302
    assert not Session.objects.exists()


def test_a_person_who_left_is_signed_out_everywhere(cast: Cast, alice: Client, bob: Client) -> None:
    second = signed_in(cast.alice)
    assert end_sessions_of(cast.alice) == 2
    assert [client.get("/onboardings/").status_code for client in (alice, second, bob)] == [302, 302, 200]


def test_a_message_survives_and_the_device_with_it(alice: Client) -> None:
    """The session's data are written again, and what is known of the device stays."""
    alice.get("/", headers={"User-Agent": FIREFOX})
    session = alice.session
    session["more"] = 1
    session.save()
    row = Session.objects.get()
    assert (row.browser, row.address) == (FIREFOX, "127.0.0.1")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/140.0 Safari/537.36", "Chrome on macOS"),
        ("<script>alert(1)</script>", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_name_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "unknown", "10.0.0.1"),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, "[2001:db8::7]:4711", "10.0.0.1"),
        (1, "2001:DB8:0::7", "2001:db8::7"),
    ],
)
def test_only_what_our_proxies_added_is_believed(
    settings: Settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"portal_trusted_proxies": proxies})
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": forwarded} if forwarded else {}, REMOTE_ADDR="10.0.0.1"
    )
    assert client_address(request) == address


def test_the_addresses_of_one_subscriber_count_as_one() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::2") != network_of("2001:db8:0:1::1")
    assert network_of("203.0.113.7") == "203.0.113.7"
