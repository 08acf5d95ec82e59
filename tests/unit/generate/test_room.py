"""The tenant's room: what its tenant may and may not do there."""

import json

import kubernetes_validate

from onboarding.generate.room import room


def test_the_room_keeps_its_tenant_from_the_guard_rails() -> None:
    objects = room(
        team="storefront",
        namespace="storefront",
        quota={"requests.cpu": "1", "requests.memory": "1Gi", "pods": "9"},
        deployers=["github:repo:acme/shop:ref:refs/heads/main"],
        sso_group="acme:storefront",
        registry=("registry.example", "bot", "hunter2"),
    )
    assert objects[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    tenant = next(one for one in objects if one["kind"] == "Role" and one["metadata"]["name"] == "onramp-tenant")
    for rule in tenant["rules"]:
        if {"networkpolicies", "resourcequotas", "limitranges", "roles"} & set(rule["resources"]):
            assert set(rule["verbs"]) == {"get", "list", "watch"}
    for one in objects:
        kubernetes_validate.validate(json.loads(json.dumps(one)), "1.33", strict=True)
