"""Starting a run: simultaneous requests, two people, and repeated idempotency keys."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from engine.models import Run
from engine.outcomes import Done
from onboarding.models import IdempotencyKey, Onboarding, Plan
from tests.api.client import Caller, read
from tests.pages import rows
from tests.plan.world import World


def body(plan: Plan) -> dict[str, str]:
    return {"plan": str(plan.pk), "digest": plan.digest}


@pytest.mark.fault(5, "the API repeated with the same key")
def test_a_repeated_key_returns_the_same_run(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    first = callers["owner"].call("startOnboarding", body(plan), key="once")
    world.sandbox.fault("error-before", "/github")  # no second check of the source host is needed
    second = callers["owner"].call("startOnboarding", body(plan), key="once")
    assert (first.status_code, second.status_code) == (201, 200)
    assert read(first)["id"] == read(second)["id"]


def test_a_repeated_key_returns_its_run_even_after_the_end(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    started = read(callers["owner"].call("startOnboarding", body(plan), key="once"))
    callers["owner"].call("cancelOnboarding", onboarding_id=started["id"])
    again = read(callers["owner"].call("startOnboarding", body(plan), key="once"))
    assert (again["id"], again["state"]) == (started["id"], "cancelled")
    assert Onboarding.objects.count() == 1


def test_a_key_of_another_request_is_rejected(world: World, callers: dict[str, Caller]) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/price-feed")
    callers["owner"].call("startOnboarding", body(plan), key="once")
    answer = callers["owner"].call("startOnboarding", body(other), key="once")
    assert (answer.status_code, read(answer)["kind"]) == (422, "key-reused")
    assert Onboarding.objects.count() == 1


def test_people_do_not_share_keys(world: World, callers: dict[str, Caller]) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/price-feed")
    first = callers["owner"].call("startOnboarding", body(plan), key="once")
    second = callers["teammate"].call("startOnboarding", body(other), key="once")
    assert (first.status_code, second.status_code) == (201, 201)


def test_two_plans_of_one_repository_start_one_run(world: World, callers: dict[str, Caller]) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/greeter", world.cast.bob)
    first = callers["owner"].call("startOnboarding", body(plan))
    second = callers["teammate"].call("startOnboarding", body(other))
    assert (first.status_code, second.status_code) == (201, 200)
    assert read(first)["id"] == read(second)["id"]


@pytest.mark.fault(5, "two clicks", "two people")
@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_start_one_run(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    clicks = [("owner", "a"), ("owner", "a"), ("teammate", "b"), ("teammate", "c"), ("owner", ""), ("teammate", "")]

    def click(caller: str, key: str) -> tuple[int, str]:
        try:
            answer = callers[caller].call("startOnboarding", body(plan), key=key)
            return answer.status_code, read(answer)["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clicks)) as pool:
        answers = list(pool.map(click, *zip(*clicks, strict=True)))
    assert sorted(status for status, _ in answers) == [200] * 5 + [201]
    assert len({run for _, run in answers}) == 1
    assert Onboarding.objects.count() == Run.objects.filter(kind="onboarding").count() == 1
    assert IdempotencyKey.objects.count() == 3


@pytest.mark.fault(5, "the API repeated with the same key")
@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_with_one_key_start_one_run(world: World, callers: dict[str, Caller]) -> None:
    plans = [world.plan("acme/greeter"), world.plan("acme/price-feed")]

    def click(plan: Plan) -> int:
        try:
            return callers["owner"].call("startOnboarding", body(plan), key="one").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(click, plans))
    assert statuses == [201, 422]
    assert Onboarding.objects.count() == 1


def test_a_plan_with_another_digest_is_rejected(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    answer = callers["owner"].call("startOnboarding", {**body(plan), "digest": "0" * 64})
    assert (answer.status_code, read(answer)["kind"]) == (409, "plan-moved")


def test_a_run_that_a_caller_cannot_see_is_not_given_to_them(world: World, callers: dict[str, Caller]) -> None:
    """Write access lets Charlie plan for a repository; the run of Alice's team is not his to read, nor to be told about."""
    world.push("lodge", {"Dockerfile": 'FROM scratch\nEXPOSE 8080\nCMD ["/lodge"]\n'})
    world.github("PUT", "/repos/acme/lodge/collaborators/charlie", {"permission": "push"}, person="onramp")
    started = read(callers["owner"].call("startOnboarding", body(world.plan("acme/lodge"))))
    Onboarding.objects.filter(pk=started["id"]).update(team=world.cast.storefront)
    plan = world.plan("acme/lodge", world.cast.charlie)
    answer = callers["outsider"].call("startOnboarding", body(plan), key="mine")
    assert (answer.status_code, read(answer)["kind"]) == (422, "not-available")
    assert started["id"] not in answer.content.decode()
    assert not IdempotencyKey.objects.filter(person=world.cast.charlie).exists()
    check = read(callers["outsider"].call("checkAddress", {"address": world.url("acme/lodge")}))
    assert check["active_onboarding"] is None
    check = read(callers["owner"].call("checkAddress", {"address": world.url("acme/lodge")}))
    assert check["active_onboarding"] == started["id"]


def test_an_active_run_is_no_answer_to_a_caller_without_write_access(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    callers["owner"].call("startOnboarding", body(plan))
    answer = callers["platform"].call("startOnboarding", body(plan), key="once")
    assert (answer.status_code, read(answer)["kind"]) == (422, "no-right")
    assert not IdempotencyKey.objects.exists()


def test_a_key_is_not_answered_with_a_run_that_its_caller_can_no_longer_see(
    world: World, callers: dict[str, Caller]
) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/greeter", world.cast.bob)
    callers["owner"].call("startOnboarding", body(plan))
    assert callers["teammate"].call("startOnboarding", body(other), key="once").status_code == 200
    world.cast.storefront.memberships.filter(login="bob").delete()
    answer = callers["teammate"].call("startOnboarding", body(other), key="once")
    assert (answer.status_code, read(answer)["kind"]) == (422, "not-available")


def test_cancelling_ends_the_run_and_frees_the_repository(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    started = read(callers["owner"].call("startOnboarding", body(plan)))
    ended = read(callers["teammate"].call("cancelOnboarding", onboarding_id=started["id"]))
    assert ended["state"] == "cancelled"
    assert {step["state"] for step in ended["steps"]} == {"cancelled"}
    again = callers["owner"].call("cancelOnboarding", onboarding_id=started["id"])
    assert (again.status_code, read(again)["kind"]) == (409, "not-possible")
    second = read(callers["owner"].call("startOnboarding", body(plan)))
    assert second["id"] != started["id"]


def test_only_a_failed_step_can_be_retried(world: World, callers: dict[str, Caller]) -> None:
    onboarding = rows.onboarding(world.cast)
    rows.execute(onboarding, "access", Done("done"))
    for step in ("access", "no such step"):
        answer = callers["owner"].call("retryStep", {"step": step}, onboarding_id=onboarding.pk)
        assert (answer.status_code, read(answer)["kind"]) == (409, "not-possible")


def test_a_run_includes_the_ticket_of_a_blocked_step(world: World, callers: dict[str, Caller]) -> None:
    onboarding = rows.onboarding(world.cast)
    blocker = rows.block(world.cast, onboarding)
    rows.ticket(blocker)
    run = read(callers["owner"].call("getOnboarding", onboarding_id=onboarding.pk))
    step = next(step for step in run["steps"] if step["name"] == "namespace")
    assert (step["state"], step["move"], step["ticket"]["key"]) == ("blocked", "platform", "PLAT-1")
    assert step["ticket"]["clears_when"]


def test_a_plan_can_be_created_with_corrections(world: World, callers: dict[str, Caller]) -> None:
    request = {"address": "acme/greeter", "corrections": [{"name": "greeter", "port": 9123}]}
    plan = read(callers["owner"].call("createPlan", request))
    assert plan["content"]["components"][0]["port"] == 9123
    assert read(callers["owner"].call("getPlan", plan_id=plan["id"])) == plan
