"""The answer to a creating call is lost after the effect: the object is found again and never created twice."""

import pytest

from engine.models import Effect, EffectState, StepState
from tests.journey.actors import PLENTY
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step

API = "/github/api/v3/repos/*"
LOST_ANSWERS = ["error-after", "reset-after", "half-body"]


@pytest.mark.fault(9, "did it and then 500", "did it and then reset", "half a body")
@pytest.mark.parametrize("fault", LOST_ANSWERS)
def test_a_lost_answer_leaves_one_webhook_one_branch_and_one_pull_request(world: World, fault: str) -> None:
    name = world.actors.repository()
    run = world.start(name)
    for path in ("/hooks", "/git/trees", "/git/commits", "/git/refs", "/pulls"):
        world.sandbox.fault(fault, f"{API}{path}", method="POST", times=1)
    world.engine.limit_to("pull_request")
    world.engine.drain()
    assert step(run, "access").state == StepState.WAITING, "the first answer was lost"
    world.engine.poll(8)
    assert step(run, "pull_request").state == StepState.DONE
    pulls = world.actors.pulls(name)
    assert len(pulls) == 1
    branches = world.actors.github("GET", f"/repos/{name}/branches")
    assert sorted(branch["name"] for branch in branches) == sorted(["main", run.plan.content["branch"]])
    commits = world.actors.github("GET", f"/repos/{name}/pulls/{pulls[0]['number']}/commits")
    assert [commit["commit"]["message"] for commit in commits] == [run.plan.content["message"]]
    hooks = world.actors.github("GET", f"/repos/{name}/hooks", person="onramp-bot")
    assert len(hooks) == 1
    effects = Effect.objects.filter(step__run=run.pk, kind__in=["webhook", "branch", "pull request"])
    assert {(effect.kind, effect.state, effect.tries) for effect in effects} == {
        ("webhook", EffectState.MADE, 1),
        ("branch", EffectState.MADE, 1),
        ("pull request", EffectState.MADE, 1),
    }, "an effect that was found again was not tried again"


@pytest.mark.fault(9, "did it and then 500", "half a body")
@pytest.mark.parametrize("fault", ["error-after", "half-body"])
def test_a_lost_answer_leaves_one_ticket_and_one_comment_of_each_kind(world: World, fault: str) -> None:
    world.sandbox.fault(fault, "/jira/rest/api/2/issue", method="POST", times=1)
    world.sandbox.fault(fault, "/jira/rest/api/2/issue/*/comment", method="POST", times=2)
    world.sandbox.fault(fault, "/jira/rest/api/2/issue/*/transitions", method="POST", times=1)
    (run,) = world.blocked_by_allowance()
    world.engine.poll(2)
    blocker = blocker_of(run, "namespace")
    later = world.start(world.actors.repository())
    world.engine.poll(3)
    assert blocker_of(later, "namespace") == blocker
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll(5)
    assert world.actors.tickets(str(run.pk)) == [blocker.ticket_key]
    comments = world.actors.comments(blocker.ticket_key)
    assert sum("waits for this too" in comment for comment in comments) == 1
    assert sum("no longer waits" in comment for comment in comments) == 1
    assert len(comments) == 2
    assert world.actors.ticket(blocker.ticket_key)["status"]["name"] == "Done"


@pytest.mark.fault(9, "did it and then 500")
@pytest.mark.fault(12, "409 by ourselves")
def test_a_lost_answer_leaves_one_namespace_with_one_of_each_object(world: World) -> None:
    run = world.start(world.actors.repository())
    world.sandbox.fault("error-after", "/kubernetes/*", method="PATCH", times=4)
    world.engine.limit_to("namespace")
    world.engine.drain()
    world.engine.poll(5)
    assert step(run, "namespace").state == StepState.DONE
    effects = Effect.objects.filter(step__run=run.pk, step__name="namespace")
    assert {effect.state for effect in effects} == {EffectState.MADE}
    quotas = world.actors.cluster("GET", f"/api/v1/namespaces/{world.namespace}/resourcequotas")["items"]
    assert sorted(quota["metadata"]["name"] for quota in quotas) == ["onramp", "onramp-priority"]
