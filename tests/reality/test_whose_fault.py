"""What fails after the merge: Onramp's own objects are looked at first, then the platform's tools, then the team's code."""

from collections.abc import Mapping

import pytest

from engine.models import Move, StepState
from engine.outcomes import Done
from onboarding.actions import secret_values
from onboarding.models import Onboarding
from onboarding.steps.results import DeployResult, ReleaseResult
from tests.journey.actors import PLENTY, SERVICE
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of
from tests.journey.test_configuration import READS
from tests.pages.rows import execute

RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces"


def enter_value(world: World, run: Onboarding) -> None:
    secret_values.enter(world.alice, run, run.plan.content["components"][0]["name"], {"TILL_TOKEN": "sesame"})


def start_deploying(
    world: World, fate: str, *, files: Mapping[str, str] = SERVICE, value: bool = False
) -> tuple[str, Onboarding]:
    """A run whose images were built, and whose deployment is a build that ends like this. `value`: it needs one, and has it."""
    name = world.actors.repository(files=files)
    world.actors.change_settings(name, "next-runs", "success")
    run = world.start(name)
    world.engine.limit_to("merge")
    world.engine.drain()
    if value:
        enter_value(world, run)
        world.engine.poll()
    world.actors.change_settings(name, "next-runs", fate)
    world.actors.merge(name, int(world.actors.pulls(name)[0]["number"]))
    world.engine.poll()
    assert step(run, "merge").state == StepState.DONE, step(run, "merge").reason
    build = world.actors.builds(name, "?event=push&branch=main")[0]
    execute(run, "release", Done("Built.", ReleaseResult(build=build["id"], commit=build["head_sha"])))
    world.engine.limit_to("deploy")
    return name, run


def start_verifying(world: World) -> Onboarding:
    """A run whose pipeline says that it deployed."""
    _, run = start_deploying(world, "success")
    execute(run, "deploy", Done("Deployed.", DeployResult(commit=str(step(run, "release").result["commit"]))))
    world.engine.limit_to("verification")
    world.engine.drain()
    world.engine.age(run, "verification")
    return run


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (f"{RBAC}/{{}}/rolebindings/onramp-deployer", "RoleBinding onramp-deployer"),
        ("/api/v1/namespaces/{}/secrets/registry", "Secret registry"),
        ("/api/v1/namespaces/{}/resourcequotas/onramp", "ResourceQuota onramp"),
    ],
)
def test_what_somebody_deleted_is_restored_before_the_team_is_asked(world: World, path: str, named: str) -> None:
    name, run = start_deploying(world, "failure")
    world.actors.cluster("DELETE", path.format(world.namespace))
    world.engine.poll()
    row = step(run, "deploy")
    assert row.state == StepState.WAITING, row.reason
    assert row.reason.startswith(f"Somebody had deleted or changed {named} in {world.namespace}.")
    assert world.actors.cluster("GET", path.format(world.namespace))
    assert world.actors.builds(name, "?event=push&branch=main")[0]["run_attempt"] == 2


def test_a_deleted_namespace_needs_its_values_again(world: World) -> None:
    """Onramp restores what it made, but nobody else has the values; the build is not called red meanwhile."""
    name, run = start_deploying(world, "failure", files=READS, value=True)
    namespace = f"/api/v1/namespaces/{world.namespace}"
    world.actors.cluster("DELETE", namespace)
    world.engine.poll(3)
    row = step(run, "deploy")
    assert (row.state, row.move) == (StepState.WAITING, Move.TEAM)
    assert "Onramp restored the rest. Enter the values" in row.reason
    assert world.actors.cluster("GET", namespace)
    assert world.actors.builds(name, "?event=push&branch=main")[0]["run_attempt"] == 1
    enter_value(world, run)
    world.engine.poll()
    assert world.actors.builds(name, "?event=push&branch=main")[0]["run_attempt"] == 2
    assert "running again" in step(run, "deploy").reason


def test_what_the_platform_edited_is_shown_to_it_and_not_overwritten(world: World) -> None:
    name, run = start_deploying(world, "failure")
    binding = f"{RBAC}/{world.namespace}/rolebindings/onramp-deployer"
    subjects = world.actors.cluster("GET", binding)["subjects"]
    world.actors.cluster("PATCH", binding, {"subjects": []})
    world.engine.poll()
    blocker = blocker_of(run, "deploy")
    assert (blocker.kind, blocker.owner) == ("cluster-refuses", Move.PLATFORM)
    assert 'conflict with "' in blocker.explanation
    assert ".subjects" in blocker.explanation
    world.actors.cluster("PATCH", binding, {"subjects": subjects})
    world.engine.poll(2)
    assert step(run, "deploy").state == StepState.WAITING
    assert world.actors.builds(name, "?event=push&branch=main")[0]["run_attempt"] == 2


def test_a_deployment_that_fails_by_itself_is_the_teams(world: World) -> None:
    name, run = start_deploying(world, "failure")
    world.engine.poll()
    assert "running again" in step(run, "deploy").reason
    assert world.actors.builds(name, "?event=push&branch=main")[0]["run_attempt"] == 2


def test_a_namespace_that_is_being_deleted_is_waited_for(world: World) -> None:
    world.actors.choose("deletion", "slow")
    try:
        first = world.start(world.actors.repository())
        world.engine.limit_to("namespace")
        world.engine.drain()
        assert step(first, "namespace").state == StepState.DONE
        world.actors.cluster("DELETE", f"/api/v1/namespaces/{world.namespace}")
        second = world.start(world.actors.repository())
        world.engine.poll()
        row = step(second, "namespace")
        assert row.state == StepState.WAITING
        assert row.reason == f"The namespace {world.namespace} is being deleted. Onramp waits until it is gone."
        world.engine.exhaust_patience(second, "namespace")
        world.engine.poll(2)
        blocker = blocker_of(second, "namespace")
        assert (blocker.kind, blocker.owner) == ("namespace-terminating", Move.PLATFORM)
        assert watch_of(blocker).reason == f"The namespace {world.namespace} is still being deleted."
    finally:
        world.actors.choose("deletion", "fast")
    world.engine.poll(2)
    assert step(second, "namespace").state == StepState.DONE
    world.actors.grant("acme-storefront", PLENTY)


def test_metrics_of_what_does_not_run_are_nobodys_fault(world: World) -> None:
    """Prometheus is down as well, but first there must be something to measure."""
    run = start_verifying(world)
    world.configure(PORTAL_METRICS_PROMETHEUS_URL="http://127.0.0.1:9")
    world.engine.poll(3)
    blocker = blocker_of(run, "verification")
    assert (blocker.kind, blocker.owner) == ("verification-failed", Move.TEAM)
    assert "no Deployment" in blocker.explanation


def test_a_plan_says_that_nothing_changes_where_nothing_does(world: World) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    world.engine.drain()
    planned = world.plan(run.repository.full_name).content["objects"]
    changes = {f"{each['kind']} {each['name']}": each["change"] for each in planned if each["change"] != "by-pipeline"}
    assert changes["RoleBinding onramp-deployer"] == "unchanged"
    assert set(changes.values()) == {"unchanged"}, changes
    world.actors.cluster("DELETE", f"{RBAC}/{world.namespace}/rolebindings/onramp-deployer")
    planned = world.plan(run.repository.full_name).content["objects"]
    assert [each["name"] for each in planned if each["change"] == "create"] == ["onramp-deployer"]
