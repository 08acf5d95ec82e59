"""Taking back what a run made, and going once more from a step: only what is ours, only while it is, and never twice."""

import pytest

from catalog.models import Application
from integrations.errors import Transient
from onboarding import actions
from onboarding.intervening import NotPossible
from onboarding.models import Effect, EffectState, Onboarding, RunState, Step, StepState, Undo
from onboarding.steps import undoing
from onboarding.steps.undoing import Standing
from tests.journey.conftest import World
from tests.journey.engine import step

NAMESPACES = "/api/v1/namespaces"


def proposed(world: World) -> tuple[str, Onboarding]:
    """A run that has come to its pull request."""
    name = world.hands.repository()
    run = world.start(name)
    world.engine.only("pull_request")
    world.engine.go()
    assert step(run, "pull_request").state == StepState.DONE
    return name, run


def undone(world: World, run: Onboarding) -> Undo:
    undo = actions.undo(world.alice, run)
    world.engine.look(3)
    undo.run.refresh_from_db()
    steps = Step.objects.filter(run=undo.pk).values_list("name", "state", "reason", "detail")
    assert undo.run.state == RunState.DONE, list(steps)
    return undo


def left(undo: Undo) -> dict[str, str]:
    """Kind → why it stayed."""
    rows = Step.objects.filter(run=undo.pk).values_list("result", flat=True)
    return {kind: why for result in rows for kind, _, why in result["left"]}


def standings(run: Onboarding) -> dict[str, str]:
    return {one.effect.kind: one.standing for one in undoing.leftovers(run)}


def hooks(world: World, name: str) -> int:
    return len(world.hands.github("GET", f"/repos/{name}/hooks", person="onramp-bot"))


def branches(world: World, name: str) -> list[str]:
    return [one["name"] for one in world.hands.github("GET", f"/repos/{name}/branches")]


def test_what_a_run_made_is_taken_back_and_nothing_else(world: World) -> None:
    name, run = proposed(world)
    actions.cancel(world.alice, run, undone=True)
    undo = Undo.objects.get(onboarding=run)
    world.engine.look(3)
    assert Undo.objects.get(pk=undo.pk).run.state == RunState.DONE
    assert branches(world, name) == ["main"]
    (pull,) = world.hands.pulls(name)
    assert pull["state"] == "closed"
    assert "undone" in pull["body"]
    assert hooks(world, name) == 0
    assert world.namespace not in world.hands.namespaces()
    assert set(left(undo)) == {"commit"}
    assert set(standings(run).values()) == {Standing.GONE, Standing.STAYS}


def test_the_preview_changes_nothing_and_says_the_same(world: World) -> None:
    name, run = proposed(world)
    told = standings(run)
    assert told.pop("commit") == Standing.STAYS
    inside = {kind: told.pop(kind) for kind in ("ResourceQuota", "LimitRange", "NetworkPolicy", "Role", "RoleBinding")}
    assert set(inside.values()) == {Standing.WITH}, "they go with their namespace"
    told.pop("Secret", None)
    ours = ("pull request", "branch", "webhook", "Namespace", "log retention")
    assert told == dict.fromkeys(ours, Standing.THERE)
    assert len(branches(world, name)) == 2
    assert hooks(world, name) == 1
    actions.cancel(world.alice, run, undone=True)
    world.engine.look(3)
    assert set(standings(run).values()) == {Standing.GONE, Standing.STAYS}, "as the preview said"


def test_what_people_changed_stays_and_is_said(world: World) -> None:
    """Somebody pushed to the branch; somebody put a thing of their own into the namespace."""
    name, run = proposed(world)
    branch = str(run.plan.content["branch"])
    pushed = world.hands.push(name, {"notes.txt": "mine\n"}, branch=branch)
    own = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "b"}}
    world.hands.cluster("POST", f"{NAMESPACES}/{world.namespace}/configmaps", own)
    actions.cancel(world.alice, run)
    undo = undone(world, run)
    assert branch in branches(world, name)
    assert pushed[:7] in left(undo)["branch"]
    assert world.namespace in world.hands.namespaces()
    assert "ConfigMap mine" in left(undo)["Namespace"]


def test_a_merged_pull_request_stays(world: World) -> None:
    name, run = proposed(world)
    world.hands.merge(name, int(step(run, "pull_request").result["number"]))
    actions.cancel(world.alice, run)
    undo = undone(world, run)
    assert "merged" in left(undo)["pull request"]
    assert hooks(world, name) == 0


def test_a_room_that_others_live_in_shrinks_and_stays(world: World) -> None:
    other, first = proposed(world)
    name, second = proposed(world)
    Application.objects.filter(repository=first.repository).update(granted_at="2026-01-01T00:00:00Z")
    path = f"{NAMESPACES}/{world.namespace}/resourcequotas/onramp"
    before = world.hands.cluster("GET", path)["spec"]["hard"]
    actions.cancel(world.alice, second)
    undo = undone(world, second)
    assert world.namespace in world.hands.namespaces()
    assert "was there before" in left(undo)["Namespace"]
    assert world.hands.cluster("GET", path)["spec"]["hard"] != before
    binding = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{world.namespace}/rolebindings/onramp-deployer"
    subjects = [one["name"] for one in world.hands.cluster("GET", binding)["subjects"]]
    assert [one for one in subjects if name in one] == []
    assert [one for one in subjects if other in one]


def test_a_lost_answer_to_a_removal_is_settled_by_looking(world: World) -> None:
    name, run = proposed(world)
    actions.cancel(world.alice, run)
    for path in ("/git/refs/*", "/hooks/*", "/pulls/*"):
        world.sandbox.fault("error-after", f"/github/api/v3/repos/*{path}", times=1)
    undo = actions.undo(world.alice, run)
    world.engine.look(8)
    undo.run.refresh_from_db()
    assert undo.run.state == RunState.DONE
    assert branches(world, name) == ["main"]
    assert hooks(world, name) == 0


def test_a_call_that_may_still_arrive_is_waited_for(world: World) -> None:
    """The run was cancelled in the middle of a call: its branch appears after the cancellation."""
    _, run = proposed(world)
    Effect.objects.filter(step__run=run.pk, kind="branch").update(
        state=EffectState.INTENDED, tried_at="2099-01-01T00:00:00Z"
    )
    actions.cancel(world.alice, run)
    undo = actions.undo(world.alice, run)
    world.engine.go()
    waiting = Step.objects.get(run=undo.pk, name="proposal")
    assert waiting.state == StepState.WAITING
    assert "may still arrive" in waiting.reason


def test_run_and_undo_of_one_repository_exclude_each_other(world: World) -> None:
    name, run = proposed(world)
    with pytest.raises(NotPossible, match="Cancel it first"):
        actions.undo(world.alice, run)
    actions.cancel(world.alice, run)
    undo = actions.undo(world.alice, run)
    assert actions.undo(world.alice, run) == undo, "two clicks are one undo"
    with pytest.raises(actions.Refused, match="being undone"):
        world.start(name)
    world.engine.look(3)
    world.start(name)


def test_an_undo_that_cannot_go_on_may_be_tried_again_or_stopped(world: World) -> None:
    _, run = proposed(world)
    actions.cancel(world.alice, run)
    undo = actions.undo(world.alice, run)
    Step.objects.filter(run=undo.pk, name="proposal").update(state=StepState.FAILED)
    with_failed = Step.objects.get(run=undo.pk, name="proposal")
    actions.undo_again(world.alice, run)
    with_failed.refresh_from_db()
    assert with_failed.state == StepState.READY
    actions.stop_undoing(world.alice, run)
    assert not Undo.objects.get(pk=undo.pk).active


def test_what_cannot_be_seen_is_said(world: World) -> None:
    _, run = proposed(world)
    world.sandbox.fault("error-before", "/github/api/v3/repos/*/hooks", times=1)
    found = next(one for one in undoing.leftovers(run) if one.effect.kind == "webhook")
    assert found.standing == Standing.UNSEEN
    assert Transient.__name__ not in found.says


def test_once_more_from_a_step_makes_what_is_missing_and_nothing_twice(world: World) -> None:
    name, run = proposed(world)
    hook = world.hands.github("GET", f"/repos/{name}/hooks", person="onramp-bot")[0]["id"]
    world.hands.github("DELETE", f"/repos/{name}/hooks/{hook}", person="onramp-bot")
    assert standings(run)["webhook"] == Standing.GONE
    attempts = step(run, "pull_request").attempt
    actions.repeat(world.alice, run, "access")
    assert step(run, "pull_request").state == StepState.NOT_STARTED
    world.engine.look(3)
    assert step(run, "pull_request").state == StepState.DONE
    assert step(run, "pull_request").attempt > attempts
    assert hooks(world, name) == 1
    assert len(world.hands.pulls(name)) == 1
    assert len(branches(world, name)) == 2


def test_only_what_has_begun_is_repeated(world: World) -> None:
    _, run = proposed(world)
    with pytest.raises(NotPossible, match="has not begun"):
        actions.repeat(world.alice, run, "merge")
    actions.cancel(world.alice, run)
    with pytest.raises(NotPossible, match="has ended"):
        actions.repeat(world.alice, run, "access")


def test_what_was_only_found_stays_also_after_going_once_more(world: World) -> None:
    """A second run of the repository finds the webhook of the first; its own room it still knows as its own."""
    name, first = proposed(world)
    actions.cancel(world.alice, first)
    second = world.start(name)
    world.engine.go()
    assert Effect.objects.get(step__run=second.pk, kind="webhook").tries == 0
    actions.repeat(world.alice, second, "access")
    actions.cancel(world.alice, second)
    assert standings(second)["webhook"] == Standing.STAYS


def test_a_room_that_began_with_the_run_is_still_its_own_after_going_once_more(world: World) -> None:
    _, run = proposed(world)
    actions.repeat(world.alice, run, "access")
    world.engine.look(3)
    assert step(run, "pull_request").state == StepState.DONE
    actions.cancel(world.alice, run)
    undone(world, run)
    assert world.namespace not in world.hands.namespaces()


def test_the_undo_of_another_run_is_not_this_runs_to_stop(world: World) -> None:
    name, first = proposed(world)
    actions.cancel(world.alice, first)
    undone(world, first)
    second = world.start(name)
    world.engine.go()
    actions.cancel(world.alice, second)
    undo = actions.undo(world.alice, second)
    for act in (actions.stop_undoing, actions.undo_again):
        with pytest.raises(NotPossible, match="No undo of this run"):
            act(world.alice, first)
    assert Undo.objects.get(pk=undo.pk).active
