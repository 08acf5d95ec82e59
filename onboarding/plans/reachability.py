"""Addresses in the defaults of variables that the pods of the team's namespace could not reach."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from stacks import Component

HTTPS = 443
PORTS = {
    "amqp": 5672,
    "amqps": 5671,
    "http": 80,
    "https": HTTPS,
    "mongodb": 27017,
    "mysql": 3306,
    "nats": 4222,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
}
"""Scheme → its port; an address of another scheme says nothing about where it leads without one."""
_INSIDE = (".svc", ".cluster.local", ".localhost")


def warnings(components: Sequence[Component], egress: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each variable whose default is outside the internet by https and outside `egress` of the target."""
    return [
        f"{component.name} reads {setting.name}, by default {host}:{port}, which its pods cannot reach: they reach the internet on "
        f"port {HTTPS}, and what the target's `egress` names. Ask the platform team to add it, or set another value."
        for component in components
        for setting in component.settings
        for host, port in _address(setting.default or "")
        if not _is_reachable(host, port, egress)
    ]


def _address(text: str) -> Iterator[tuple[str, int]]:
    """(host, port) of an address that leads out of the namespace; nothing for one on the same machine or by a short name."""
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return
    ip = _ip(host)
    leads_out = not (ip.is_loopback or ip.is_unspecified) if ip else "." in host and not host.endswith(_INSIDE)
    if leads_out and port is not None:
        yield host, port


def _is_reachable(host: str, port: int, egress: Sequence[Mapping[str, Any]]) -> bool:
    """By name, only the port decides: where a name leads is not asked while planning."""
    ip, named = _ip(host), [entry for entry in egress if port in entry["ports"]]
    if ip is None:
        return port == HTTPS or bool(named)
    return (port == HTTPS and ip.is_global) or any(ip in ip_network(entry["cidr"]) for entry in named)


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
