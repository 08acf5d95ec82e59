"""The team's namespace in the plan: its predicted blockers, and how its objects were checked."""

from collections.abc import Iterator

import pytest

from integrations.cluster import cluster
from onboarding.plans.content import Change, Content
from tenancy import namespace as tenant
from tests.plan.world import World

NAMESPACE = "/api/v1/namespaces/acme-storefront"
ALLOWANCE = "/api/v1/namespaces/onramp-allowances/resourcequotas/acme-storefront"


@pytest.fixture
def namespace(world: World) -> Iterator[None]:
    """The team's namespace as an earlier onboarding created it."""
    for manifest in tenant.objects(world.cast.storefront, world.cast.target, "acme-storefront", None):
        cluster().apply(manifest)
    yield
    world.cluster("DELETE", NAMESPACE).raise_for_status()


@pytest.fixture
def small_allowance(world: World) -> Iterator[None]:
    """An allowance that is too small for any application."""
    before = world.cluster("GET", ALLOWANCE).json()["spec"]["hard"]
    world.cluster("PATCH", ALLOWANCE, {"spec": {"hard": {"requests.cpu": "10m"}}}).raise_for_status()
    yield
    world.cluster("PATCH", ALLOWANCE, {"spec": {"hard": before}}).raise_for_status()


def checks(content: Content, change: str) -> set[str]:
    return {planned.checked for planned in content.objects if planned.change == change}


def test_objects_of_a_future_namespace_are_checked_offline(world: World) -> None:
    content = world.content("acme/parcel-tracker")
    assert checks(content, Change.CREATE) == {"checked offline: the namespace does not exist yet"}
    assert checks(content, Change.BY_PIPELINE) == {"checked offline: the pipeline applies it"}
    assert not [request for request in world.request_log() if "dryRun" in request["query"]]


def test_objects_of_an_existing_namespace_are_checked_by_a_dry_run(world: World, namespace: None) -> None:
    content = world.content("acme/parcel-tracker")
    assert checks(content, Change.UPDATE) == {"accepted by the cluster's dry run"}
    assert [request for request in world.request_log() if "dryRun=All" in request["query"]]


def test_a_rejected_dry_run_is_shown(world: World, namespace: None) -> None:
    cluster().delete("RoleBinding", "acme-storefront", "onramp-deployer")
    world.sandbox.fault("error-before", "/kubernetes/apis/rbac*", status=403, method="PATCH")
    bindings = {
        planned.name: planned
        for planned in world.content("acme/parcel-tracker").objects
        if planned.kind == "RoleBinding"
    }
    assert all("accepted" not in planned.checked for planned in bindings.values())


def test_the_planned_quota_includes_the_demand_of_every_application(world: World) -> None:
    content = world.content("acme/shop")
    (quota,) = [
        planned.manifest for planned in content.objects if planned.kind == "ResourceQuota" and planned.name == "onramp"
    ]
    pods = sum(int(application.demand["pods"]) for application in content.applications)
    assert quota["spec"]["hard"]["pods"] == str(pods)


def test_an_exhausted_allowance_is_predicted_with_its_figures(world: World, small_allowance: None) -> None:
    (blocker,) = world.content("acme/parcel-tracker").predicted_blockers
    assert (blocker.kind, blocker.owner, blocker.ticket) == ("allowance", "platform", True)
    assert "10m granted" in blocker.explanation


def test_a_namespace_of_another_team_is_predicted(world: World, namespace: None) -> None:
    label = {"metadata": {"labels": {"onramp.dev/team": "acme-payments"}}}
    world.cluster("PATCH", NAMESPACE, label).raise_for_status()
    (blocker,) = world.content("acme/parcel-tracker").predicted_blockers
    assert (blocker.kind, blocker.owner) == ("namespace-owned", "platform")
    assert "payments" in blocker.explanation
