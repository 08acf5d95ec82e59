"""Where a request comes from, as far as it can be known."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our proxies saw; the connection's without one. Empty where it is no address.

    Every proxy adds to the right of X-Forwarded-For what it saw, so only the last entries are ours; what a client sent is
    further left. https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For#selecting_an_ip_address
    """
    proxies = settings.ENV.portal_trusted_proxies
    entries = [entry.strip() for entry in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(entries) >= proxies and _address(entries[-proxies]):
        return _address(entries[-proxies])
    return _address(str(request.META.get("REMOTE_ADDR", "")))


def _address(text: str) -> str:
    """Without a port; in one spelling for every address."""
    host = text.rpartition(":")[0] if text.count(":") == 1 else text
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return ""


def network_of(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))
