"""The tenant namespace: what its tenant can do there."""

import json

import kubernetes_validate

from generate.namespace import objects


def test_a_tenant_can_only_read_the_guard_rails() -> None:
    manifests = objects(
        team="storefront",
        namespace="storefront",
        quota={"requests.cpu": "1", "requests.memory": "1Gi", "pods": "9"},
        deployers=["github:repo:acme/shop:ref:refs/heads/main"],
        sso_group="acme:storefront",
        registry=("registry.example", "bot", "hunter2"),
    )
    assert manifests[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    (tenant,) = [each for each in manifests if each["kind"] == "Role" and each["metadata"]["name"] == "onramp-tenant"]
    for rule in tenant["rules"]:
        if {"networkpolicies", "resourcequotas", "limitranges", "roles"} & set(rule["resources"]):
            assert set(rule["verbs"]) == {"get", "list", "watch"}
    for manifest in manifests:
        kubernetes_validate.validate(json.loads(json.dumps(manifest)), "1.33", strict=True)
