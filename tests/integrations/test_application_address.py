"""The check of an application's address: what answers there is the team's own code, and where its name leads may be, too."""

import ipaddress
import socket

import pytest

from integrations import address, http
from integrations.errors import Denied, Invalid, Transient
from integrations.http import peers
from tests.integrations import hostile
from tests.integrations.answering import Answer, serving

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "behaviour",
    [hostile.too_large, hostile.unannounced, hostile.bomb, hostile.endless, hostile.endless_chunk_line],
    ids=lambda behaviour: behaviour.__name__,
)
def test_no_body_is_read(behaviour: hostile.Behaviour) -> None:
    with hostile.behaving(behaviour) as (url, connections):
        assert address.status(url, "/healthz") == 200
    assert sum(peer.sent for peer in connections) < 8 * hostile.MEBIBYTE, "more than fits into the buffers"


def test_no_body_of_a_refusal_is_read() -> None:
    body = b"a" * (8 * hostile.MEBIBYTE)
    with hostile.behaving(hostile.whole(body, status="500 Oh")) as (url, connections), http.recording() as calls:
        assert address.status(url, "/healthz") == 500
    assert not any(peer.complete for peer in connections)
    assert [call.status for call in calls] == [500]


def test_headers_have_a_limit() -> None:
    for behaviour, error in ((hostile.many_headers, Transient), (hostile.large_headers, Invalid)):
        with hostile.behaving(behaviour) as (url, _), pytest.raises(error):
            address.status(url, "/")


def test_a_redirect_is_not_followed() -> None:
    with serving(Answer("", 302, {"Location": "http://127.0.0.1:1/"})) as url, http.recording() as calls:
        assert address.status(url, "/") == 302
    assert len(calls) == 1


def test_names_below_localhost_lead_to_the_loopback() -> None:
    with serving(Answer("", 204)) as url:
        assert address.status(url.replace("127.0.0.1", "web.shop.localhost"), "/healthz") == 204


@pytest.fixture
def private_name() -> str:
    """A name of this machine's own that is not below `.localhost` and leads to the loopback."""
    name = "localhost"
    if socket.gethostbyname(name) != "127.0.0.1":
        pytest.skip("no name leads to the loopback here")
    return name


def test_a_name_that_leads_to_our_own_network_is_refused(private_name: str) -> None:
    """DNS is the team's where it publishes its own names; only the platform says which private networks are theirs."""
    with serving(Answer("", 204)) as url:
        url = url.replace("127.0.0.1", private_name)
        with pytest.raises(Denied, match="PORTAL_APPLICATION_NETWORKS") as refused:
            address.status(url, "/")
        assert "leads to 127.0.0.1" in refused.value.message
        assert address.status(url, "/", LOOPBACK) == 204


@pytest.mark.parametrize("path", ["@127.0.0.1:1/", ":1/", ".other.example/", "healthz", ""])
def test_the_path_cannot_choose_another_host(path: str) -> None:
    with pytest.raises(Invalid):
        address.status("http://web.shop.example", path)


@pytest.mark.parametrize(
    "url", ["ftp://web.example", "//web.example", "http://", "http://a@web.example", "web.example"]
)
def test_a_bad_address_is_invalid(url: str) -> None:
    with pytest.raises(Invalid):
        address.status(url, "/")


@pytest.mark.parametrize(
    "number",
    [
        "169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104 - it is refused
        "224.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::",
    ],
)
def test_some_addresses_are_reached_by_no_exchange(number: str) -> None:
    assert peers.never(peers.unwrapped(ipaddress.ip_address(number)))


@pytest.mark.parametrize("number", ["10.0.0.1", "127.0.0.1", "8.8.8.8", "::1", "fd00::1", "2001:4860:4860::8888"])
def test_a_provider_may_be_in_a_private_network(number: str) -> None:
    assert not peers.never(peers.unwrapped(ipaddress.ip_address(number)))


def test_nothing_is_sent_to_an_address_that_must_not_be_reached() -> None:
    with hostile.behaving(hostile.whole(b"{}")) as (url, connections):
        with http.reaching(lambda address: False), pytest.raises(Denied) as refused:
            http.session("github").post(url, data="secret")
        assert http.session("github").get(url).ok
    assert refused.value.refused, "it had no effect"
    assert sorted(peer.requests for peer in connections) == [0, 1]
