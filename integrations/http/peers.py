"""Which network addresses a request may reach, whatever name led there: checked on the open connection, before anything is sent.

A name that was checked before connecting could lead elsewhere a moment later (DNS rebinding).
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from integrations.errors import Denied

Address = IPv4Address | IPv6Address
Rule = Callable[[Address], bool]
METADATA = frozenset(map(ip_address, ("169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254")))
"""Where clouds hand out credentials to any process inside them. The first one serves nearly all of them."""
_TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052


def never(address: Address) -> bool:
    """Addresses that no exchange reaches: of this link only, of a cloud's metadata, and of no single host."""
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA


_rule: ContextVar[Rule] = ContextVar("rule", default=lambda address: True)


@contextmanager
def reaching(rule: Rule) -> Iterator[None]:
    """Exchanges of this block reach only addresses that this rule admits, and none of `never`."""
    token = _rule.set(rule)
    try:
        yield
    finally:
        _rule.reset(token)


def check(provider: str, name: str, connected: socket.socket) -> None:
    """Raises Denied where the other end of this connection must not be reached."""
    address = unwrapped(ip_address(str(connected.getpeername()[0]).partition("%")[0]))
    if never(address) or not _rule.get()(address):
        message = f"{name} leads to {address}, which Onramp does not connect to"
        raise Denied(provider, message)


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 address that only carries one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
