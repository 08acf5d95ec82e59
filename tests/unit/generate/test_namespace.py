"""The tenant namespace: what its tenant can do there, and what its pods reach."""

import ipaddress
import json
from typing import Any

import kubernetes_validate
import pytest

from generate import quantity
from generate.limits import MAX, MAX_LIMIT_REQUEST_RATIO
from generate.namespace import objects
from generate.network import policies
from generate.roles import tenant_rules
from generate.toolchains import DEFAULT_MEMORY, TOOLCHAINS


def manifests(**changes: Any) -> list[dict[str, Any]]:
    values: dict[str, Any] = {
        "team": "storefront",
        "namespace": "storefront",
        "quota": {"requests.cpu": "1", "requests.memory": "1Gi", "pods": "9"},
        "deployers": ["github:repo:acme/shop:ref:refs/heads/main"],
        "sso_group": "acme:storefront",
        "registry": ("registry.example", "bot", "hunter2"),
        "address": "https://{application}.{namespace}.apps.example/",
        "cluster_url": "https://cluster.example",
    }
    return objects(**(values | changes))


def test_a_tenant_can_only_read_the_guard_rails() -> None:
    for rule in tenant_rules():
        if {"networkpolicies", "resourcequotas", "limitranges", "roles"} & set(rule["resources"]):
            assert set(rule["verbs"]) == {"get", "list", "watch"}


def test_the_objects_are_valid() -> None:
    for manifest in manifests(egress=[{"cidr": "10.20.0.0/16", "ports": [5432]}]):
        kubernetes_validate.validate(json.loads(json.dumps(manifest)), "1.33", strict=True)


def test_the_namespace_says_whose_it_is_and_which_addresses_it_may_claim() -> None:
    metadata = manifests()[0]["metadata"]
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert metadata["labels"]["onramp.dev/team"] == "storefront"
    assert metadata["annotations"] == {"onramp.dev/address": "https://{application}.{namespace}.apps.example/"}


def test_no_role_is_written() -> None:
    assert not [each for each in manifests() if each["kind"] == "Role"]
    assert {each["roleRef"]["kind"] for each in manifests() if each["kind"] == "RoleBinding"} == {"ClusterRole"}


def test_pods_of_the_default_account_get_no_token() -> None:
    (account,) = [each for each in manifests() if each["kind"] == "ServiceAccount"]
    assert (account["metadata"]["name"], account["automountServiceAccountToken"]) == ("default", False)


def test_a_quota_keeps_ports_and_balancers_at_zero() -> None:
    hard = next(each for each in manifests() if each["kind"] == "ResourceQuota")["spec"]["hard"]
    assert (hard["services.nodeports"], hard["services.loadbalancers"], hard["pods"]) == ("0", "0", "9")
    assert {"count/secrets", "count/configmaps", "count/ingresses.networking.k8s.io", "count/jobs.batch"} <= set(hard)


def test_the_containers_of_every_language_are_within_the_limits() -> None:
    for request, limit in [DEFAULT_MEMORY, *(toolchain.MEMORY for toolchain in TOOLCHAINS.values())]:
        assert quantity.parse(limit) <= quantity.parse(MAX["memory"])
        assert quantity.parse(limit) <= quantity.parse(request) * quantity.parse(MAX_LIMIT_REQUEST_RATIO["memory"])


def _reaches(address: str, port: int = 443, cluster_url: str = "https://cluster.example", **named: Any) -> bool:
    """Whether the egress rules let a pod open this port of this address."""
    rules = policies([named] if named else [], cluster_url)["allow-egress"]["egress"]
    return any(
        port in [each["port"] for each in rule.get("ports", [])]
        for rule in rules
        for peer in rule["to"]
        if "ipBlock" in peer and _contains(peer["ipBlock"], address)
    )


def _contains(block: dict[str, Any], text: str) -> bool:
    address = ipaddress.ip_address(text)
    excluded = any(address in ipaddress.ip_network(each) for each in block.get("except", []))
    return address in ipaddress.ip_network(block["cidr"]) and not excluded


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.169.254",
        "::1", "fd00:ec2::254", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:0:a00:1::1",
    ],
)  # fmt: skip
def test_pods_reach_no_private_address(address: str) -> None:
    assert not _reaches(address)


def test_pods_reach_the_internet_by_https_only() -> None:
    assert _reaches("93.184.216.34")
    assert _reaches("2606:4700::1")
    assert not _reaches("93.184.216.34", 5432)


def test_pods_reach_what_the_platform_names() -> None:
    assert _reaches("10.20.1.2", 5432, cidr="10.20.0.0/16", ports=[5432])
    assert not _reaches("10.20.1.2", 22, cidr="10.20.0.0/16", ports=[5432])


@pytest.mark.parametrize("host", ["203.0.113.9", "[2606:4700::9]", "10.0.0.9"])
def test_pods_do_not_reach_the_api_server(host: str) -> None:
    assert not _reaches(host.strip("[]"), cluster_url=f"https://{host}:443")
