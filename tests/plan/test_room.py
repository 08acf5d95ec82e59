"""The team's room in the plan: what is foreseen of it, and by whom its objects were checked."""

from collections.abc import Iterator

import pytest

from integrations import providers
from onboarding import tenancy
from onboarding.content import Content
from tests.plan.world import World

NAMESPACE = "/api/v1/namespaces/storefront"
ALLOWANCE = "/api/v1/namespaces/onramp-allowances/resourcequotas/storefront"


@pytest.fixture
def namespace(world: World) -> Iterator[None]:
    """The team's room as an earlier onboarding left it."""
    for manifest in tenancy.room(world.cast.storefront, world.cast.target, "storefront", None):
        providers.provider("cluster").apply(manifest)
    yield
    world.cluster("DELETE", NAMESPACE).raise_for_status()


@pytest.fixture
def narrow(world: World) -> Iterator[None]:
    """An allowance that is too small for anything."""
    before = world.cluster("GET", ALLOWANCE).json()["spec"]["hard"]
    world.cluster("PATCH", ALLOWANCE, {"spec": {"hard": {"requests.cpu": "10m"}}}).raise_for_status()
    yield
    world.cluster("PATCH", ALLOWANCE, {"spec": {"hard": before}}).raise_for_status()


def checks(content: Content, change: str) -> set[str]:
    return {one.checked for one in content.objects if one.change == change}


def test_a_namespace_not_yet_made_is_checked_offline_and_the_plan_says_so(world: World) -> None:
    content = world.content("acme/parcel-tracker")
    assert checks(content, "new") == {"checked offline: the namespace does not exist yet"}
    assert checks(content, "by the pipeline") == {"checked offline: the pipeline applies it"}
    assert not [one for one in world.asked() if "dryRun" in one["query"]]


def test_in_a_namespace_that_exists_objects_are_tried_by_dry_run(world: World, namespace: None) -> None:
    content = world.content("acme/parcel-tracker")
    assert checks(content, "change") == {"accepted by the cluster's dry run"}
    assert [one for one in world.asked() if "dryRun=All" in one["query"]]


def test_a_refusal_of_the_dry_run_is_shown(world: World, namespace: None) -> None:
    providers.provider("cluster").delete("RoleBinding", "storefront", "onramp-deployer")
    world.sandbox.fault("error-before", "/kubernetes/apis/rbac*", status=403, method="PATCH")
    shown = {one.name: one for one in world.content("acme/parcel-tracker").objects if one.kind == "RoleBinding"}
    assert all("accepted" not in one.checked for one in shown.values())


def test_what_each_onboarding_asks_is_in_the_planned_quota(world: World) -> None:
    content = world.content("acme/shop")
    (quota,) = [one.manifest for one in content.objects if one.kind == "ResourceQuota"]
    pods = sum(int(one.demand["pods"]) for one in content.applications)
    assert quota["spec"]["hard"]["pods"] == str(pods)


def test_a_used_up_allowance_is_foreseen_with_its_figures(world: World, narrow: None) -> None:
    (cause,) = world.content("acme/parcel-tracker").foreseen
    assert (cause.kind, cause.owner, cause.ticket) == ("allowance", "platform", True)
    assert "10m granted" in cause.explanation


def test_somebody_elses_namespace_is_foreseen(world: World, namespace: None) -> None:
    label = {"metadata": {"labels": {"onramp.dev/team": "payments"}}}
    world.cluster("PATCH", NAMESPACE, label).raise_for_status()
    (cause,) = world.content("acme/parcel-tracker").foreseen
    assert (cause.kind, cause.owner) == ("namespace-owned", "platform")
    assert "payments" in cause.explanation
