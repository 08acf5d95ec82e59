"""The network policies of a tenant namespace. https://kubernetes.io/docs/concepts/services-networking/network-policies/"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

Rule = dict[str, Any]
INTERNET = {4: "0.0.0.0/0", 6: "2000::/3"}
"""By IP version. Of IPv6 only global unicast: no loopback, link-local or unique local addresses, and none that translate to
IPv4. An IPv4-mapped address is sent as IPv4."""
EXCLUDED = {
    4: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
    6: ["2001::/32", "2002::/16"],
}
"""Parts of it that are not the internet: the company's networks, the nodes and the API server, and the metadata services that
hand out a node's credentials at link-local addresses. Those of IPv6 are tunnels to IPv4 (Teredo and 6to4)."""


def policies(egress: Sequence[Mapping[str, Any]], cluster_url: str) -> dict[str, Rule]:
    """Name → spec. They allow DNS, HTTPS to the internet, the ranges in `egress` ({cidr, ports}), traffic inside the
    namespace, and traffic from the platform to applications; everything else is denied in both directions."""
    siblings: list[Rule] = [{"podSelector": {}}]
    platform = [{"namespaceSelector": {"matchLabels": {"onramp.dev/reaches-applications": "true"}}}]
    outward = [_dns(), _https(cluster_url), {"to": siblings}, *map(_named_by_platform, egress)]
    return {
        "default-deny": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        "allow-egress": {"podSelector": {}, "policyTypes": ["Egress"], "egress": outward},
        "allow-ingress": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": siblings + platform}]},
    }


def _dns() -> Rule:
    resolver = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    return {"to": [resolver], "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}


def _https(cluster_url: str) -> Rule:
    excluded = {version: [*ranges] for version, ranges in EXCLUDED.items()}
    for address in _addresses(cluster_url):
        excluded[address.version].append(str(ipaddress.ip_network(address)))
    internet = [{"ipBlock": {"cidr": cidr, "except": excluded[version]}} for version, cidr in INTERNET.items()]
    return {"to": internet, "ports": [{"protocol": "TCP", "port": 443}]}


def _addresses(cluster_url: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The API server's address, where the URL has one that the rule would allow."""
    try:
        address = ipaddress.ip_address(urlsplit(cluster_url).hostname or "")
    except ValueError:  # a name: what it resolves to may change, so a policy cannot hold it
        return []
    version = address.version
    is_excluded = any(address in ipaddress.ip_network(each) for each in EXCLUDED[version])
    return [address] if address in ipaddress.ip_network(INTERNET[version]) and not is_excluded else []


def _named_by_platform(entry: Mapping[str, Any]) -> Rule:
    ports = [{"protocol": "TCP", "port": port} for port in entry["ports"]]
    return {"to": [{"ipBlock": {"cidr": entry["cidr"]}}], "ports": ports}
