"""An undo removes only what a run created and nobody else uses; a re-run creates nothing twice."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import Application
from engine.interventions import NotPossible
from engine.models import Attempt, Effect, EffectState, Run, RunState, Step, StepState
from integrations.errors import Transient
from onboarding.actions import onboardings, undos
from onboarding.models import EffectKind, Onboarding, Undo
from onboarding.plans.preflight import RequestRejected
from onboarding.steps import undoing
from onboarding.steps.undoing import LeftoverState
from tests.journey.conftest import World
from tests.journey.engine import step

NAMESPACES = "/api/v1/namespaces"


def start_proposed(world: World) -> tuple[str, Onboarding]:
    """A run that has opened its pull request."""
    name = world.actors.repository()
    run = world.start(name)
    world.engine.limit_to("pull_request")
    world.engine.drain()
    assert step(run, "pull_request").state == StepState.DONE
    return name, run


def run_undo(world: World, run: Onboarding) -> Undo:
    undo = undos.start(world.alice, run)
    world.engine.poll(3)
    undo.run.refresh_from_db()
    steps = Step.objects.filter(run=undo.pk).values_list("name", "state", "reason", "detail")
    assert undo.run.state == RunState.DONE, list(steps)
    return undo


def kept(undo: Undo) -> dict[str, str]:
    """Kind of effect → why it was kept."""
    rows = Step.objects.filter(run=undo.pk).values_list("result", flat=True)
    return {kind: reason for result in rows for kind, _, reason in result["kept"]}


def states(run: Onboarding) -> dict[str, str]:
    return {leftover.effect.kind: leftover.state for leftover in undoing.leftovers(run)}


def count_webhooks(world: World, name: str) -> int:
    return len(world.actors.github("GET", f"/repos/{name}/hooks", person="onramp-bot"))


def branch_names(world: World, name: str) -> list[str]:
    return [branch["name"] for branch in world.actors.github("GET", f"/repos/{name}/branches")]


def test_an_undo_removes_what_the_run_created_and_nothing_else(world: World) -> None:
    name, run = start_proposed(world)
    onboardings.cancel(world.alice, run, undo=True)
    undo = Undo.objects.get(onboarding=run)
    world.engine.poll(3)
    assert Undo.objects.get(pk=undo.pk).run.state == RunState.DONE
    assert branch_names(world, name) == ["main"]
    (pull,) = world.actors.pulls(name)
    assert pull["state"] == "closed"
    assert "undone" in pull["body"]
    assert count_webhooks(world, name) == 0
    assert world.namespace not in world.actors.namespaces()
    assert set(kept(undo)) == {"commit"}
    assert set(states(run).values()) == {LeftoverState.GONE, LeftoverState.KEPT}


def test_an_undo_long_after_the_details_were_removed_is_the_same(world: World) -> None:
    name, run = start_proposed(world)
    onboardings.cancel(world.alice, run)
    before = states(run)
    past = timezone.now() - timedelta(days=1000)
    Run.objects.filter(pk=run.pk).update(ended_at=past)
    Attempt.objects.filter(step__run=run.pk).update(ended_at=past)
    call_command("prune", stdout=io.StringIO())
    assert not Attempt.objects.filter(step__run=run.pk).exclude(log="").exists()
    assert states(run) == before
    run_undo(world, run)
    assert branch_names(world, name) == ["main"]
    assert set(states(run).values()) == {LeftoverState.GONE, LeftoverState.KEPT}


def test_the_preview_changes_nothing_and_matches_the_undo(world: World) -> None:
    name, run = start_proposed(world)
    preview = states(run)
    assert preview.pop("commit") == LeftoverState.KEPT
    included = {
        kind: preview.pop(kind)
        for kind in ("ResourceQuota", "LimitRange", "NetworkPolicy", "ServiceAccount", "RoleBinding")
    }
    assert set(included.values()) == {LeftoverState.INCLUDED}, "they are deleted with their namespace"
    preview.pop("Secret", None)
    removable = ("pull request", "branch", "webhook", "Namespace", "log retention")
    assert preview == dict.fromkeys(removable, LeftoverState.EXISTS)
    assert len(branch_names(world, name)) == 2
    assert count_webhooks(world, name) == 1
    onboardings.cancel(world.alice, run, undo=True)
    world.engine.poll(3)
    assert set(states(run).values()) == {LeftoverState.GONE, LeftoverState.KEPT}, "as previewed"


def test_what_people_changed_is_kept_and_reported(world: World) -> None:
    """Somebody pushed to the branch, and somebody created an object in the namespace."""
    name, run = start_proposed(world)
    branch = str(run.plan.content["branch"])
    pushed = world.actors.push(name, {"notes.txt": "mine\n"}, branch=branch)
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "b"}}
    world.actors.cluster("POST", f"{NAMESPACES}/{world.namespace}/configmaps", config_map)
    onboardings.cancel(world.alice, run)
    undo = run_undo(world, run)
    assert branch in branch_names(world, name)
    assert pushed[:7] in kept(undo)["branch"]
    assert world.namespace in world.actors.namespaces()
    assert "ConfigMap mine" in kept(undo)["Namespace"]


def test_nothing_is_removed_from_another_repository_of_the_same_name(world: World) -> None:
    name, run = start_proposed(world)
    branch = str(run.plan.content["branch"])
    (hook,) = world.actors.github("GET", f"/repos/{name}/hooks", person="onramp-bot")
    world.actors.replace(name)
    world.actors.take_branch(name, branch)
    world.actors.push(name, {"notes.txt": "mine\n"}, branch=branch)
    body = {"title": "Mine", "head": branch, "base": "main", "body": f"run {run.pk}"}
    world.actors.github("POST", f"/repos/{name}/pulls", body)
    config = {"url": hook["config"]["url"], "content_type": "json"}
    world.actors.github("POST", f"/repos/{name}/hooks", {"config": config, "events": ["push"]}, person="onramp-bot")
    onboardings.cancel(world.alice, run)
    undo = run_undo(world, run)
    assert {pull["state"] for pull in world.actors.pulls(name)} == {"open"}
    assert branch in branch_names(world, name)
    assert count_webhooks(world, name) == 1
    moved = f"{name}-before"
    assert {pull["state"] for pull in world.actors.pulls(moved)} == {"closed"}
    assert branch not in branch_names(world, moved)
    assert count_webhooks(world, moved) == 0
    assert undo.run.state == RunState.DONE


def test_of_a_deleted_repository_nothing_is_left_to_undo(world: World) -> None:
    name, run = start_proposed(world)
    world.actors.delete(name)
    onboardings.cancel(world.alice, run)
    undo = run_undo(world, run)
    assert undo.run.state == RunState.DONE
    assert not {EffectKind.PULL_REQUEST, EffectKind.BRANCH, EffectKind.WEBHOOK} & {*kept(undo)}


def test_a_merged_pull_request_is_kept(world: World) -> None:
    name, run = start_proposed(world)
    world.actors.merge(name, int(step(run, "pull_request").result["number"]))
    onboardings.cancel(world.alice, run)
    undo = run_undo(world, run)
    assert "merged" in kept(undo)["pull request"]
    assert count_webhooks(world, name) == 0


def test_a_shared_namespace_is_kept_with_a_smaller_quota(world: World) -> None:
    _, first = start_proposed(world)
    _, second = start_proposed(world)
    Application.objects.filter(repository=first.repository).update(granted_at="2026-01-01T00:00:00Z")
    path = f"{NAMESPACES}/{world.namespace}/resourcequotas/onramp"
    before = world.actors.cluster("GET", path)["spec"]["hard"]
    onboardings.cancel(world.alice, second)
    undo = run_undo(world, second)
    assert world.namespace in world.actors.namespaces()
    assert "existed before" in kept(undo)["Namespace"]
    assert world.actors.cluster("GET", path)["spec"]["hard"] != before
    binding = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{world.namespace}/rolebindings/onramp-deployer"
    subjects = [subject["name"] for subject in world.actors.cluster("GET", binding)["subjects"]]
    ids = [run.repository.external_id for run in (first, second)]
    assert [subject.split(":")[2] for subject in subjects] == ids[:1]


def test_a_removal_whose_answer_was_lost_is_checked(world: World) -> None:
    name, run = start_proposed(world)
    onboardings.cancel(world.alice, run)
    for path in ("/git/refs/*", "/hooks/*", "/pulls/*"):
        world.sandbox.fault("error-after", f"/github/api/v3/repos/*{path}", times=1)
    undo = undos.start(world.alice, run)
    world.engine.poll(8)
    undo.run.refresh_from_db()
    assert undo.run.state == RunState.DONE
    assert branch_names(world, name) == ["main"]
    assert count_webhooks(world, name) == 0


def test_an_undo_waits_for_a_call_that_may_still_arrive(world: World) -> None:
    """The run was cancelled in the middle of a call, so its branch may appear after the cancellation."""
    _, run = start_proposed(world)
    Effect.objects.filter(step__run=run.pk, kind="branch").update(
        state=EffectState.INTENDED, tried_at="2099-01-01T00:00:00Z"
    )
    onboardings.cancel(world.alice, run)
    undo = undos.start(world.alice, run)
    world.engine.drain()
    waiting = Step.objects.get(run=undo.pk, name="proposal")
    assert waiting.state == StepState.WAITING
    assert "may still arrive" in waiting.reason


def test_a_run_and_an_undo_of_one_repository_exclude_each_other(world: World) -> None:
    name, run = start_proposed(world)
    with pytest.raises(NotPossible, match="Cancel it first"):
        undos.start(world.alice, run)
    onboardings.cancel(world.alice, run)
    undo = undos.start(world.alice, run)
    assert undos.start(world.alice, run) == undo, "two clicks start one undo"
    with pytest.raises(RequestRejected, match="being undone"):
        world.start(name)
    world.engine.poll(3)
    world.start(name)


def test_a_failed_undo_can_be_retried_and_stopped(world: World) -> None:
    _, run = start_proposed(world)
    onboardings.cancel(world.alice, run)
    undo = undos.start(world.alice, run)
    Step.objects.filter(run=undo.pk, name="proposal").update(state=StepState.FAILED)
    failed = Step.objects.get(run=undo.pk, name="proposal")
    undos.retry(world.alice, run)
    failed.refresh_from_db()
    assert failed.state == StepState.READY
    undos.stop(world.alice, run)
    assert not Undo.objects.get(pk=undo.pk).active


def test_an_effect_that_cannot_be_checked_is_reported(world: World) -> None:
    _, run = start_proposed(world)
    world.sandbox.fault("error-before", "/github/api/v3/repos/*/hooks", times=1)
    webhook = next(leftover for leftover in undoing.leftovers(run) if leftover.effect.kind == "webhook")
    assert webhook.state == LeftoverState.UNKNOWN
    assert Transient.__name__ not in webhook.reason


def test_a_rerun_creates_what_is_missing_and_nothing_twice(world: World) -> None:
    name, run = start_proposed(world)
    webhook = world.actors.github("GET", f"/repos/{name}/hooks", person="onramp-bot")[0]["id"]
    world.actors.github("DELETE", f"/repos/{name}/hooks/{webhook}", person="onramp-bot")
    assert states(run)["webhook"] == LeftoverState.GONE
    attempts = step(run, "pull_request").attempt
    onboardings.rerun(world.alice, run, "access")
    assert step(run, "pull_request").state == StepState.NOT_STARTED
    world.engine.poll(3)
    assert step(run, "pull_request").state == StepState.DONE
    assert step(run, "pull_request").attempt > attempts
    assert count_webhooks(world, name) == 1
    assert len(world.actors.pulls(name)) == 1
    assert len(branch_names(world, name)) == 2


def test_only_started_steps_of_an_active_run_can_be_rerun(world: World) -> None:
    _, run = start_proposed(world)
    with pytest.raises(NotPossible, match="has not started"):
        onboardings.rerun(world.alice, run, "merge")
    onboardings.cancel(world.alice, run)
    with pytest.raises(NotPossible, match="has ended"):
        onboardings.rerun(world.alice, run, "access")


def test_an_effect_that_the_run_only_found_is_kept_even_after_a_rerun(world: World) -> None:
    """A second run of the repository finds the webhook of the first."""
    name, first = start_proposed(world)
    onboardings.cancel(world.alice, first)
    second = world.start(name)
    world.engine.drain()
    assert Effect.objects.get(step__run=second.pk, kind="webhook").tries == 0
    onboardings.rerun(world.alice, second, "access")
    onboardings.cancel(world.alice, second)
    assert states(second)["webhook"] == LeftoverState.KEPT


def test_a_namespace_that_the_run_created_is_removed_even_after_a_rerun(world: World) -> None:
    _, run = start_proposed(world)
    onboardings.rerun(world.alice, run, "access")
    world.engine.poll(3)
    assert step(run, "pull_request").state == StepState.DONE
    onboardings.cancel(world.alice, run)
    run_undo(world, run)
    assert world.namespace not in world.actors.namespaces()


def test_the_undo_of_another_run_cannot_be_stopped_or_retried(world: World) -> None:
    name, first = start_proposed(world)
    onboardings.cancel(world.alice, first)
    run_undo(world, first)
    second = world.start(name)
    world.engine.drain()
    onboardings.cancel(world.alice, second)
    undo = undos.start(world.alice, second)
    for act in (undos.stop, undos.retry):
        with pytest.raises(NotPossible, match="No undo of this run"):
            act(world.alice, first)
    assert Undo.objects.get(pk=undo.pk).active
