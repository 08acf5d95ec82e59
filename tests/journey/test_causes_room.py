"""Causes that lie with the team's room on the cluster: all the platform's, each with one ticket."""

from collections.abc import Iterator

import pytest

from onboarding.models import Blocker, Move, StepState
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of
from tests.journey.hands import PLENTY, TIGHT

ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/onramp"
TEAM = "onramp.dev/team"


def has_one_ticket(world: World, cause: Blocker) -> bool:
    cause.refresh_from_db()
    return world.hands.tickets(cause.summary) == [cause.ticket_key]


def test_a_used_up_allowance_is_told_beforehand_and_waits_for_more(world: World) -> None:
    world.hands.grant("storefront", TIGHT)
    name = world.hands.repository()
    foreseen = world.plan(name).content["foreseen"]
    assert [(one["kind"], one["ticket"]) for one in foreseen] == [("allowance", True)]
    run = world.start(name)
    world.engine.only("namespace")
    world.engine.go()
    cause = blocker_of(run, "namespace")
    assert (cause.kind, cause.owner) == ("allowance", Move.PLATFORM)
    assert "used up" in cause.summary
    assert "requests.cpu" in step(run, "namespace").detail
    assert world.namespace not in world.hands.namespaces(), "nothing is made that was not granted"
    world.hands.grant("storefront", TIGHT | {"pods": "100"})
    world.engine.look()
    assert step(run, "namespace").state == StepState.BLOCKED, "more of one thing is not enough of all"
    assert "still too small" in watch_of(cause).reason
    world.hands.grant("storefront", PLENTY)
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE
    assert world.namespace in world.hands.namespaces()


def test_a_team_without_any_allowance_is_told_so(world: World) -> None:
    world.hands.withdraw_allowance("storefront")
    run = world.start(world.hands.repository())
    world.engine.only("namespace")
    world.engine.go()
    cause = blocker_of(run, "namespace")
    assert (cause.kind, cause.owner) == ("allowance", Move.PLATFORM)
    assert cause.summary.startswith("Storefront has no allowance on")
    assert "used up" not in cause.summary + cause.explanation
    assert "requests.cpu" in cause.explanation, "whoever makes it must know how much is needed"
    world.engine.look()
    assert step(run, "namespace").state == StepState.BLOCKED
    world.hands.grant("storefront", PLENTY)
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE


@pytest.mark.parametrize(
    ("labels", "clearing"),
    [({TEAM: "payments"}, "deleted"), ({}, "labelled")],
    ids=["payments' until it is gone", "nobody's until it is labelled"],
)
def test_a_namespace_that_is_not_the_teams_is_left_alone(world: World, labels: dict[str, str], clearing: str) -> None:
    run = world.start(world.hands.repository())
    world.hands.namespace(world.namespace, labels)
    world.engine.only("namespace")
    world.engine.go()
    cause = blocker_of(run, "namespace")
    assert (cause.kind, cause.owner) == ("namespace-owned", Move.PLATFORM)
    assert ("payments" if labels else "no owner's label") in cause.explanation
    assert has_one_ticket(world, cause)
    world.engine.look()
    assert step(run, "namespace").state == StepState.BLOCKED
    path = f"/api/v1/namespaces/{world.namespace}"
    held = world.hands.cluster("GET", f"{path}/networkpolicies".replace("/api/", "/apis/networking.k8s.io/"))
    assert not held["items"], "nothing was written into somebody else's room"
    if clearing == "labelled":
        world.hands.cluster("PATCH", path, {"metadata": {"labels": {TEAM: "storefront"}}})
    else:
        world.hands.cluster("DELETE", path)
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE


@pytest.fixture
def without_network_policies(world: World) -> Iterator[list[object]]:
    """Onramp's role has lost a right; the test gives it back by the rules that it is handed."""
    rules = world.hands.cluster("GET", ROLE)["rules"]
    left = [one for one in rules if one["resources"] != ["networkpolicies"]]
    assert len(left) < len(rules)
    world.hands.cluster("PATCH", ROLE, {"rules": left})
    yield rules
    world.hands.cluster("PATCH", ROLE, {"rules": rules})


def test_a_right_that_the_cluster_withdrew_is_the_platforms(
    world: World, without_network_policies: list[object]
) -> None:
    run = world.start(world.hands.repository())
    world.engine.only("delivery")
    world.engine.go()
    cause = blocker_of(run, "namespace")
    assert (cause.kind, cause.owner) == ("cluster-refuses", Move.PLATFORM)
    assert "networkpolicies" in cause.explanation
    assert has_one_ticket(world, cause)
    world.engine.look()
    assert step(run, "namespace").state == StepState.BLOCKED
    assert "still refuses" in watch_of(cause).reason
    world.hands.cluster("PATCH", ROLE, {"rules": without_network_policies})
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE
    assert step(run, "delivery").state == StepState.DONE


@pytest.mark.fault(12, "409 by a stranger")
def test_a_field_that_somebody_else_owns_is_shown_and_never_forced(world: World) -> None:
    name = world.hands.repository()
    run = world.start(name)
    world.hands.namespace(world.namespace, {TEAM: "storefront"})
    theirs = next(one["manifest"] for one in run.plan.content["objects"] if one["kind"] == "LimitRange")
    theirs["spec"]["limits"][0]["default"]["memory"] = "123Mi"
    path = f"/api/v1/namespaces/{world.namespace}/limitranges"
    world.hands.cluster("POST", path, theirs)
    world.engine.only("namespace")
    world.engine.go()
    cause = blocker_of(run, "namespace")
    assert cause.kind == "cluster-refuses"
    assert "conflict" in cause.explanation.lower()
    world.engine.look()
    assert step(run, "namespace").state == StepState.BLOCKED
    kept = world.hands.cluster("GET", f"{path}/{theirs['metadata']['name']}")
    assert kept["spec"]["limits"][0]["default"]["memory"] == "123Mi"
    world.hands.cluster("DELETE", f"{path}/{theirs['metadata']['name']}")
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE
