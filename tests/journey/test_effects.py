"""The answer to a creating call is lost after its effect: what was made is found again, never made twice."""

import pytest

from onboarding.models import Effect, EffectState, StepState
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step
from tests.journey.hands import PLENTY

API = "/github/api/v3/repos/*"
LOSSES = ["error-after", "reset-after", "half-body"]


@pytest.mark.fault(9, "did it and then 500", "did it and then reset", "half a body")
@pytest.mark.parametrize("lost", LOSSES)
def test_one_webhook_one_branch_and_one_pull_request(world: World, lost: str) -> None:
    name = world.hands.repository()
    run = world.start(name)
    for path in ("/hooks", "/git/trees", "/git/commits", "/git/refs", "/pulls"):
        world.sandbox.fault(lost, f"{API}{path}", method="POST", times=1)
    world.engine.only("pull_request")
    world.engine.go()
    assert step(run, "access").state == StepState.WAITING, "the first answer was lost"
    world.engine.look(8)
    assert step(run, "pull_request").state == StepState.DONE
    pulls = world.hands.pulls(name)
    assert len(pulls) == 1
    branches = world.hands.github("GET", f"/repos/{name}/branches")
    assert sorted(one["name"] for one in branches) == sorted(["main", run.plan.content["branch"]])
    commits = world.hands.github("GET", f"/repos/{name}/pulls/{pulls[0]['number']}/commits")
    assert [one["commit"]["message"] for one in commits] == [run.plan.content["message"]]
    hooks = world.hands.github("GET", f"/repos/{name}/hooks", person="onramp-bot")
    assert len(hooks) == 1
    made = Effect.objects.filter(step__run=run.pk, kind__in=["webhook", "branch", "pull request"])
    assert {(one.kind, one.state, one.tries) for one in made} == {
        ("webhook", EffectState.MADE, 1),
        ("branch", EffectState.MADE, 1),
        ("pull request", EffectState.MADE, 1),
    }, "what was found again was not tried again"


@pytest.mark.fault(9, "did it and then 500", "half a body")
@pytest.mark.parametrize("lost", ["error-after", "half-body"])
def test_one_ticket_and_one_comment_of_each_kind(world: World, lost: str) -> None:
    world.sandbox.fault(lost, "/jira/rest/api/2/issue", method="POST", times=1)
    world.sandbox.fault(lost, "/jira/rest/api/2/issue/*/comment", method="POST", times=2)
    world.sandbox.fault(lost, "/jira/rest/api/2/issue/*/transitions", method="POST", times=1)
    (run,) = world.blocked_by_its_allowance()
    world.engine.look(2)
    cause = blocker_of(run, "namespace")
    later = world.start(world.hands.repository())
    world.engine.look(3)
    assert blocker_of(later, "namespace") == cause
    world.hands.grant("storefront", PLENTY)
    world.engine.look(5)
    assert world.hands.tickets(str(run.pk)) == [cause.ticket_key]
    said = world.hands.said(cause.ticket_key)
    assert sum("waits for this too" in one for one in said) == 1
    assert sum("no longer waits" in one for one in said) == 1
    assert len(said) == 2
    assert world.hands.ticket(cause.ticket_key)["status"]["name"] == "Done"


@pytest.mark.fault(9, "did it and then 500")
@pytest.mark.fault(12, "409 by ourselves")
def test_one_namespace_with_one_of_each_object(world: World) -> None:
    run = world.start(world.hands.repository())
    world.sandbox.fault("error-after", "/kubernetes/*", method="PATCH", times=4)
    world.engine.only("namespace")
    world.engine.go()
    world.engine.look(5)
    assert step(run, "namespace").state == StepState.DONE
    effects = Effect.objects.filter(step__run=run.pk, step__name="namespace")
    assert {one.state for one in effects} == {EffectState.MADE}
    quotas = world.hands.cluster("GET", f"/api/v1/namespaces/{world.namespace}/resourcequotas")["items"]
    assert len(quotas) == 1
