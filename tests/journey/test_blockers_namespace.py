"""Blockers in the team's namespace on the cluster: the platform team clears them, each with one ticket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.models import Application
from engine.models import Move, StepState
from onboarding.models import Blocker
from tests.journey.actors import PLENTY, TIGHT
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of

ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/onramp"
TEAM = "onramp.dev/team"


def has_one_ticket(world: World, blocker: Blocker) -> bool:
    blocker.refresh_from_db()
    return world.actors.tickets(blocker.summary) == [blocker.ticket_key]


def test_an_exhausted_allowance_is_predicted_and_blocks_until_it_is_raised(world: World) -> None:
    world.actors.grant("acme-storefront", TIGHT)
    name = world.actors.repository()
    predictions = world.plan(name).content["predicted_blockers"]
    assert [(predicted["kind"], predicted["ticket"]) for predicted in predictions] == [("allowance", True)]
    run = world.start(name)
    world.engine.limit_to("namespace")
    world.engine.drain()
    blocker = blocker_of(run, "namespace")
    assert (blocker.kind, blocker.owner) == ("allowance", Move.PLATFORM)
    assert "used up" in blocker.summary
    assert "requests.cpu" in step(run, "namespace").detail
    assert world.namespace not in world.actors.namespaces(), "nothing is created that was not granted"
    world.actors.grant("acme-storefront", TIGHT | {"pods": "100"})
    world.engine.poll()
    assert step(run, "namespace").state == StepState.BLOCKED, "raising one resource is not enough"
    assert "still too small" in watch_of(blocker).reason
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE
    assert world.namespace in world.actors.namespaces()


def test_a_team_without_an_allowance_reads_that_it_has_none(world: World) -> None:
    world.actors.withdraw_allowance("acme-storefront")
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    world.engine.drain()
    blocker = blocker_of(run, "namespace")
    assert (blocker.kind, blocker.owner) == ("allowance", Move.PLATFORM)
    assert blocker.summary.startswith("Storefront has no allowance on")
    assert "used up" not in blocker.summary + blocker.explanation
    assert "requests.cpu" in blocker.explanation, "the platform team must know how much to grant"
    world.engine.poll()
    assert step(run, "namespace").state == StepState.BLOCKED
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE


@pytest.mark.parametrize(
    ("labels", "clearing"),
    [({TEAM: "acme-payments"}, "deleted"), ({}, "labelled")],
    ids=["owned by payments until it is deleted", "without an owner until it is labelled"],
)
def test_a_namespace_of_another_owner_is_not_changed(world: World, labels: dict[str, str], clearing: str) -> None:
    run = world.start(world.actors.repository())
    world.actors.create_namespace(world.namespace, labels)
    world.engine.limit_to("namespace")
    world.engine.drain()
    blocker = blocker_of(run, "namespace")
    assert (blocker.kind, blocker.owner) == ("namespace-owned", Move.PLATFORM)
    assert ("payments" if labels else "without an owner's label") in blocker.explanation
    assert has_one_ticket(world, blocker)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.BLOCKED
    path = f"/api/v1/namespaces/{world.namespace}"
    policies = world.actors.cluster("GET", f"{path}/networkpolicies".replace("/api/", "/apis/networking.k8s.io/"))
    assert not policies["items"], "nothing was created in somebody else's namespace"
    if clearing == "labelled":
        world.actors.cluster("PATCH", path, {"metadata": {"labels": {TEAM: "acme-storefront"}}})
    else:
        world.actors.cluster("DELETE", path)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE


@pytest.fixture
def without_network_policies(world: World) -> Iterator[list[object]]:
    """Onramp's role lacks the right to network policies; the value is the role's original rules, to restore it."""
    rules = world.actors.cluster("GET", ROLE)["rules"]
    remaining = [rule for rule in rules if rule["resources"] != ["networkpolicies"]]
    assert len(remaining) < len(rules)
    world.actors.cluster("PATCH", ROLE, {"rules": remaining})
    yield rules
    world.actors.cluster("PATCH", ROLE, {"rules": rules})


def test_a_missing_cluster_right_blocks_until_the_platform_team_grants_it(
    world: World, without_network_policies: list[object]
) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("delivery")
    world.engine.drain()
    blocker = blocker_of(run, "namespace")
    assert (blocker.kind, blocker.owner) == ("cluster-refuses", Move.PLATFORM)
    assert "networkpolicies" in blocker.explanation
    assert has_one_ticket(world, blocker)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.BLOCKED
    assert "still refuses" in watch_of(blocker).reason
    world.actors.cluster("PATCH", ROLE, {"rules": without_network_policies})
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE
    assert step(run, "delivery").state == StepState.DONE


@pytest.mark.fault(12, "409 by a stranger")
def test_a_field_owned_by_somebody_else_is_reported_and_never_forced(world: World) -> None:
    name = world.actors.repository()
    run = world.start(name)
    world.actors.create_namespace(world.namespace, {TEAM: "acme-storefront"})
    theirs = next(planned["manifest"] for planned in run.plan.content["objects"] if planned["kind"] == "LimitRange")
    theirs["spec"]["limits"][0]["default"]["memory"] = "123Mi"
    path = f"/api/v1/namespaces/{world.namespace}/limitranges"
    world.actors.cluster("POST", path, theirs)
    world.engine.limit_to("namespace")
    world.engine.drain()
    blocker = blocker_of(run, "namespace")
    assert blocker.kind == "cluster-refuses"
    assert "conflict" in blocker.explanation.lower()
    world.engine.poll()
    assert step(run, "namespace").state == StepState.BLOCKED
    applied = world.actors.cluster("GET", f"{path}/{theirs['metadata']['name']}")
    assert applied["spec"]["limits"][0]["default"]["memory"] == "123Mi"
    world.actors.cluster("DELETE", f"{path}/{theirs['metadata']['name']}")
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE


def test_a_team_without_a_login_at_the_registry_waits_for_it(world: World, tmp_path: Path) -> None:
    world.configure(PORTAL_REGISTRY_GHCR_PULL_LOGINS=str(tmp_path))
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    world.engine.drain()
    blocker = blocker_of(run, "namespace")
    assert (blocker.kind, blocker.owner) == ("registry-login", Move.PLATFORM)
    (tmp_path / "acme-storefront").write_text("onramp-bot:sandbox-onramp-token")
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE


def test_a_grant_counts_before_the_quota_says_so(world: World) -> None:
    """Another run is not granted the same while the first one still applies the namespace's other objects."""
    runs = [world.start(world.actors.repository()) for _ in range(2)]
    requested = Application.objects.filter(repository=runs[0].repository).get().requested
    world.actors.grant("acme-storefront", {name: requested[name] for name in PLENTY})
    world.sandbox.fault("error-before", f"/kubernetes/api/v1/namespaces/{world.namespace}/limitranges")
    world.engine.limit_to("namespace")
    world.engine.drain()
    assert [step(run, "namespace").state for run in runs] == [StepState.WAITING, StepState.BLOCKED]
    assert blocker_of(runs[1], "namespace").kind == "allowance"
