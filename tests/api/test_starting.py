"""Starting: two clicks at once, two people, one key twice, the same key for something else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from onboarding.engine.outcomes import Done
from onboarding.models import IdempotencyKey, Onboarding, Plan, Run
from tests.api.client import Caller, read
from tests.pages import rows
from tests.plan.world import World


def body(plan: Plan) -> dict[str, str]:
    return {"plan": str(plan.pk), "digest": plan.digest}


@pytest.mark.fault(5, "the API repeated with the same key")
def test_the_same_key_gives_the_same_answer(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    first = callers["owner"].call("startOnboarding", body(plan), key="once")
    world.sandbox.fault("error-before", "/github")  # nobody needs to be asked again
    second = callers["owner"].call("startOnboarding", body(plan), key="once")
    assert (first.status_code, second.status_code) == (201, 200)
    assert read(first)["id"] == read(second)["id"]


def test_the_key_answers_even_after_the_run_has_ended(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    begun = read(callers["owner"].call("startOnboarding", body(plan), key="once"))
    callers["owner"].call("cancelOnboarding", onboarding_id=begun["id"])
    again = read(callers["owner"].call("startOnboarding", body(plan), key="once"))
    assert (again["id"], again["state"]) == (begun["id"], "cancelled")
    assert Onboarding.objects.count() == 1


def test_the_same_key_for_another_request_is_refused(world: World, callers: dict[str, Caller]) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/price-feed")
    callers["owner"].call("startOnboarding", body(plan), key="once")
    answer = callers["owner"].call("startOnboarding", body(other), key="once")
    assert (answer.status_code, read(answer)["kind"]) == (422, "key-reused")
    assert Onboarding.objects.count() == 1


def test_a_key_is_its_persons_own(world: World, callers: dict[str, Caller]) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/price-feed")
    first = callers["owner"].call("startOnboarding", body(plan), key="once")
    second = callers["teammate"].call("startOnboarding", body(other), key="once")
    assert (first.status_code, second.status_code) == (201, 201)


def test_two_plans_of_one_repository_are_one_run(world: World, callers: dict[str, Caller]) -> None:
    plan, other = world.plan("acme/greeter"), world.plan("acme/greeter", world.cast.bob)
    first = callers["owner"].call("startOnboarding", body(plan))
    second = callers["teammate"].call("startOnboarding", body(other))
    assert (first.status_code, second.status_code) == (201, 200)
    assert read(first)["id"] == read(second)["id"]


@pytest.mark.fault(5, "two clicks", "two people")
@pytest.mark.django_db(transaction=True)
def test_clicks_at_once_are_one_run(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    clicks = [("owner", "a"), ("owner", "a"), ("teammate", "b"), ("teammate", "c"), ("owner", ""), ("teammate", "")]

    def click(one: tuple[str, str]) -> tuple[int, str]:
        try:
            answer = callers[one[0]].call("startOnboarding", body(plan), key=one[1])
            return answer.status_code, read(answer)["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clicks)) as pool:
        answers = list(pool.map(click, clicks))
    assert sorted(status for status, _ in answers) == [200] * 5 + [201]
    assert len({run for _, run in answers}) == 1
    assert Onboarding.objects.count() == Run.objects.filter(kind="onboarding").count() == 1
    assert IdempotencyKey.objects.count() == 3


@pytest.mark.fault(5, "the API repeated with the same key")
@pytest.mark.django_db(transaction=True)
def test_one_key_for_two_requests_at_once(world: World, callers: dict[str, Caller]) -> None:
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


def test_a_plan_that_moved(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    answer = callers["owner"].call("startOnboarding", {**body(plan), "digest": "0" * 64})
    assert (answer.status_code, read(answer)["kind"]) == (409, "plan-moved")


def test_cancelling_ends_the_run_and_frees_the_repository(world: World, callers: dict[str, Caller]) -> None:
    plan = world.plan("acme/greeter")
    begun = read(callers["owner"].call("startOnboarding", body(plan)))
    ended = read(callers["teammate"].call("cancelOnboarding", onboarding_id=begun["id"]))
    assert ended["state"] == "cancelled"
    assert {one["state"] for one in ended["steps"]} == {"cancelled"}
    again = callers["owner"].call("cancelOnboarding", onboarding_id=begun["id"])
    assert (again.status_code, read(again)["kind"]) == (409, "not-possible")
    anew = read(callers["owner"].call("startOnboarding", body(plan)))
    assert anew["id"] != begun["id"]


def test_a_step_that_is_done_is_not_tried_again(world: World, callers: dict[str, Caller]) -> None:
    onboarding = rows.onboarding(world.cast)
    rows.play(onboarding, "access", Done("done"))
    for step in ("access", "no such step", "null\x00byte"):
        answer = callers["owner"].call("retryStep", {"step": step}, onboarding_id=onboarding.pk)
        assert (answer.status_code, read(answer)["kind"]) == (409, "not-possible")


def test_a_run_tells_its_steps_effects_and_ticket(world: World, callers: dict[str, Caller]) -> None:
    onboarding = rows.onboarding(world.cast)
    blocker = rows.block(world.cast, onboarding)
    rows.ticket(blocker)
    told = read(callers["owner"].call("readOnboarding", onboarding_id=onboarding.pk))
    step = next(one for one in told["steps"] if one["name"] == "namespace")
    assert (step["state"], step["move"], step["ticket"]["key"]) == ("blocked", "platform", "PLAT-1")
    assert step["ticket"]["clears_when"]


def test_planning_by_api_carries_corrections(world: World, callers: dict[str, Caller]) -> None:
    asked = {"address": "acme/greeter", "corrections": [{"name": "greeter", "port": 9123}]}
    made = read(callers["owner"].call("makePlan", asked))
    assert made["content"]["components"][0]["port"] == 9123
    assert read(callers["owner"].call("readPlan", plan_id=made["id"])) == made
