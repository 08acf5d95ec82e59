"""Checks whether an application's address answers: plain HTTP, without a provider.

The platform chooses the host name, but a team may control where it leads, and what answers there is the team's code.
So nothing of the answer but its status is read, and only networks of applications are reached.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from integrations import http
from integrations.errors import Denied, Invalid

PROVIDER = "address"
TIMEOUT = 8.0
LOOPBACK = "127.0.0.1"
ADVICE = "If applications answer there, the platform team adds the network to PORTAL_APPLICATION_NETWORKS"


def status(address: str, path: str, networks: Collection[IPv4Network | IPv6Network] = ()) -> int:
    """The HTTP status of a GET of `path` at an application's address. Redirects are not followed, and no body is read.

    Names below `.localhost` mean the loopback (RFC 6761, section 6.3), which not every resolver supports. Other private
    networks are reached if they are among `networks`, or if the address itself is in numbers. Raises Transient if nothing
    answers, Denied for an address elsewhere, and Invalid for a bad URL.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or not path.startswith("/"):
        raise Invalid(PROVIDER, f"{address + path!r} is not a URL")
    headers = {"User-Agent": "Onramp"}
    if host.endswith(".localhost"):
        headers["Host"], host = parts.netloc, LOOPBACK
        address = parts._replace(netloc=f"{LOOPBACK}:{parts.port}" if parts.port else LOOPBACK).geturl()
    with http.reaching(lambda reached: _belongs(reached, host, networks)), http.expecting(http.STATUS):
        return _status(address.rstrip("/") + path, headers)


def _status(url: str, headers: dict[str, str]) -> int:
    try:
        with http.session(PROVIDER, TIMEOUT) as session:
            return session.get(url, headers=headers, allow_redirects=False).status_code
    except Denied as error:
        raise Denied(PROVIDER, f"{error.message}. {ADVICE}") from error


def _belongs(reached: IPv4Address | IPv6Address, host: str, networks: Collection[IPv4Network | IPv6Network]) -> bool:
    return reached.is_global or any(reached in network for network in networks) or reached == _in_numbers(host)


def _in_numbers(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
