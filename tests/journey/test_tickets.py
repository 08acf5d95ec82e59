"""One ticket per cause: it stands alone, is answered and followed, and the condition is looked at before anything resumes."""

import time
from datetime import timedelta

import pytest
import requests
from django.db.models.functions import Now

from onboarding import actions
from onboarding.models import Blocker, BlockerState, EffectState, RunState, StepState, TicketComment
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of
from tests.journey.hands import PLENTY

ANSWER = "nothing was resumed"


def cause_of(world: World, count: int = 1) -> Blocker:
    """An open cause with its ticket, which so many runs wait for."""
    runs = world.blocked_by_its_allowance(count)
    causes = {blocker_of(run, "namespace").pk for run in runs}
    assert len(causes) == 1
    return blocker_of(runs[0], "namespace")


def answers(world: World, ticket: str) -> int:
    return sum(ANSWER in one for one in world.hands.said(ticket))


def status(world: World, ticket: str) -> str:
    return str(world.hands.ticket(ticket)["status"]["name"])


def test_the_ticket_stands_alone(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    fields = world.hands.ticket(cause.ticket_key)
    body = fields["description"]
    assert fields["project"]["key"] == "PLAT"
    assert {"onramp", "onramp-allowance"} <= set(fields["labels"])
    assert fields["summary"] == f"Onramp: {cause.summary}"
    assert cause.summary in body, "the cause"
    assert "ResourceQuota storefront in namespace onramp-allowances" in body, "the objects"
    assert "asked" in body, "the figures"
    assert "granted" in body
    assert cause.clears_when in body, "what clears it"
    assert f"{run.repository.full_name} (Storefront), started by alice" in body, "who waits"
    assert f"/onboardings/{run.pk}/" in body
    assert "looks at the condition itself" in body, "what is checked"
    assert step(run, "namespace").links == [[cause.ticket_key, cause.ticket_url]]


def test_five_runs_wait_on_one_ticket_and_all_go_on(world: World) -> None:
    runs = world.blocked_by_its_allowance(5)
    causes = {blocker_of(run, "namespace").pk for run in runs}
    assert len(causes) == 1
    cause = blocker_of(runs[0], "namespace")
    assert world.hands.tickets(cause.summary) == [cause.ticket_key]
    world.hands.grant("storefront", PLENTY)
    world.engine.look()
    assert [step(run, "namespace").state for run in runs] == [StepState.DONE] * 5
    assert world.hands.tickets(cause.summary) == [cause.ticket_key]


def test_a_later_run_is_named_on_the_ticket_once(world: World) -> None:
    cause = cause_of(world)
    later = world.start(world.hands.repository())
    world.engine.go()
    assert blocker_of(later, "namespace") == cause
    world.engine.look(3)
    said = world.hands.said(cause.ticket_key)
    assert [one for one in said if "waits for this too" in one] == [
        f"{later.repository.full_name} waits for this too: http://127.0.0.1:9/onboardings/{later.pk}/"
    ]


def test_a_run_that_joins_while_the_ticket_is_made_is_named_too(world: World) -> None:
    world.sandbox.fault("error-after", "/jira/rest/api/2/issue", method="POST", times=1)
    cause = cause_of(world)
    assert not cause.ticket_key, "the answer was lost"
    later = world.start(world.hands.repository())
    world.engine.look()
    cause.refresh_from_db()
    body = world.hands.ticket(cause.ticket_key)["description"]
    assert later.repository.full_name not in body
    assert sum(later.repository.full_name in one for one in world.hands.said(cause.ticket_key)) == 1


def test_closing_without_granting_resumes_nothing_and_is_answered_once_per_closing(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    world.hands.press(cause.ticket_key, "done")
    world.engine.look(3)
    assert step(run, "namespace").state == StepState.BLOCKED
    assert answers(world, cause.ticket_key) == 1
    answer = next(one for one in world.hands.said(cause.ticket_key) if ANSWER in one)
    assert "asked" in answer
    assert cause.clears_when in answer
    assert "was closed, but" in watch_of(cause).reason
    world.hands.press(cause.ticket_key, "reopen")
    world.engine.look(2)
    assert answers(world, cause.ticket_key) == 1
    world.hands.press(cause.ticket_key, "done")
    world.engine.look(2)
    assert answers(world, cause.ticket_key) == 2
    world.hands.press(cause.ticket_key, "reopen")
    world.hands.press(cause.ticket_key, "done")
    world.engine.look(2)
    assert answers(world, cause.ticket_key) == 3, "nobody looked in between, and yet it was closed again"
    assert step(run, "namespace").state == StepState.BLOCKED


def test_an_answer_that_was_not_taken_is_given_again(world: World) -> None:
    """The second answer has the words of the first one, which must not be mistaken for it."""
    cause = cause_of(world)
    world.hands.press(cause.ticket_key, "done")
    world.engine.look()
    world.hands.press(cause.ticket_key, "reopen")
    world.hands.press(cause.ticket_key, "done")
    world.sandbox.fault("error-before", "/jira/rest/api/2/issue/*/comment", method="POST", times=1)
    world.engine.look()
    assert answers(world, cause.ticket_key) == 1
    world.engine.look(2)
    assert answers(world, cause.ticket_key) == 2


def test_a_closing_whose_answer_was_lost_is_recorded_as_made(world: World) -> None:
    cause = cause_of(world)
    world.sandbox.fault("error-after", "/jira/rest/api/2/issue/*/transitions", method="POST", times=1)
    world.hands.grant("storefront", PLENTY)
    world.engine.look(2)
    assert status(world, cause.ticket_key) == "Done"
    assert watch_of(cause).state == StepState.DONE
    assert [one.state for one in watch_of(cause).effects.filter(kind="closing")] == [EffectState.MADE]


def test_granting_and_closing_resumes_and_says_whose_doing_it_was(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    world.hands.grant("storefront", PLENTY)
    world.hands.press(cause.ticket_key, "done")
    world.engine.look()
    cause.refresh_from_db()
    assert step(run, "namespace").state == StepState.DONE
    assert cause.state == BlockerState.CLEARED
    assert cause.ends_with.startswith(f"{cause.ticket_key} was closed.")
    assert answers(world, cause.ticket_key) == 0
    assert "no longer waits for this ticket" in world.hands.said(cause.ticket_key)[-1]


def test_what_clears_by_itself_is_noticed_said_and_closed(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    world.hands.grant("storefront", PLENTY)
    world.engine.look(2)
    cause.refresh_from_db()
    assert step(run, "namespace").state == StepState.DONE
    assert cause.ends_with.startswith("It cleared by itself.")
    assert sum("cleared by itself" in one for one in world.hands.said(cause.ticket_key)) == 1
    assert status(world, cause.ticket_key) == "Done"


def test_wont_do_ends_the_run_with_the_reason_that_was_given(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    world.hands.press(cause.ticket_key, "comment", comment="This cluster is closed in May.")
    later = world.start(world.hands.repository())
    world.engine.look()
    assert any("waits for this too" in one for one in world.hands.said(cause.ticket_key)), "our words are the last"
    world.hands.press(cause.ticket_key, "wont-do")
    world.engine.look()
    for one in (run, later):
        one.run.refresh_from_db()
        assert one.run.state == RunState.REFUSED
        refused = step(one, "namespace")
        assert refused.state == StepState.REFUSED
        assert (
            refused.reason
            == f"{cause.ticket_key} was closed as “Won't Do”. Pat Nakamura: “This cluster is closed in May.”"
        )
    cause.refresh_from_db()
    assert cause.state == BlockerState.REFUSED
    assert watch_of(cause).state == StepState.DONE


@pytest.mark.fault(10, "deletes the ticket")
def test_a_deleted_ticket_is_opened_anew_once(world: World) -> None:
    runs = world.blocked_by_its_allowance(2)
    cause = blocker_of(runs[0], "namespace")
    first = cause.ticket_key
    world.hands.press(first, "delete")
    world.sandbox.fault("error-after", "/jira/rest/api/2/issue", method="POST", times=1)
    world.engine.look(3)
    cause.refresh_from_db()
    assert cause.ticket_key != first
    assert world.hands.tickets(cause.summary) == [cause.ticket_key]
    body = world.hands.ticket(cause.ticket_key)["description"]
    assert all(str(run.pk) in body for run in runs)
    assert not any("waits for this too" in one for one in world.hands.said(cause.ticket_key))
    assert step(runs[0], "namespace").links == [[cause.ticket_key, cause.ticket_url]]
    world.hands.grant("storefront", PLENTY)
    world.engine.look()
    assert [step(run, "namespace").state for run in runs] == [StepState.DONE] * 2


def test_a_ticket_deleted_as_its_cause_clears_leaves_nothing_to_say(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    world.hands.press(cause.ticket_key, "delete")
    world.hands.grant("storefront", PLENTY)
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE
    assert watch_of(cause).state == StepState.DONE
    assert not world.hands.tickets(str(run.pk))


@pytest.mark.fault(10, "moves the ticket")
def test_a_moved_ticket_is_followed(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    before = cause.ticket_key
    world.hands.press(before, "done")
    world.engine.look()
    world.hands.press(before, "move", project="ACME")
    world.engine.look(2)
    cause.refresh_from_db()
    assert cause.ticket_key.startswith("ACME-")
    assert world.hands.tickets(cause.summary) == [cause.ticket_key], "no second one was opened"
    assert step(run, "namespace").links == [[cause.ticket_key, cause.ticket_url]]
    assert answers(world, cause.ticket_key) == 1, "what was answered under the old key is not answered again"
    world.hands.grant("storefront", PLENTY)
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE
    assert "no longer waits" in world.hands.said(cause.ticket_key)[-1]


@pytest.mark.fault(10, "re-opens the ticket")
def test_a_reopened_ticket_is_waited_for_as_before(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    world.hands.press(cause.ticket_key, "done")
    world.engine.look()
    world.hands.press(cause.ticket_key, "reopen")
    world.engine.look()
    assert "was closed" not in watch_of(cause).reason
    world.hands.grant("storefront", PLENTY)
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE
    assert status(world, cause.ticket_key) == "Done"


def test_what_people_say_on_the_ticket_is_kept_for_the_page(world: World) -> None:
    cause = cause_of(world)
    version = blocker_version(cause)
    world.hands.press(cause.ticket_key, "comment", comment="How much do you need?")
    world.engine.look(2)
    kept = TicketComment.objects.filter(blocker=cause)
    assert [(one.author, one.body) for one in kept] == [("Pat Nakamura", "How much do you need?")]
    assert blocker_version(cause) > version, "the pages of the waiting runs must notice"


def blocker_version(cause: Blocker) -> int:
    return min(one.run.version for one in cause.steps.select_related("run"))


def test_when_nobody_waits_any_more_it_is_said_and_ended(world: World) -> None:
    runs = world.blocked_by_its_allowance(2)
    cause = blocker_of(runs[0], "namespace")
    actions.cancel(world.alice, runs[0])
    world.engine.look()
    assert watch_of(cause).state == StepState.WAITING, "one still waits"
    actions.cancel(world.alice, runs[1])
    world.engine.look(2)
    cause.refresh_from_db()
    assert cause.state == BlockerState.LEFT
    assert watch_of(cause).state == StepState.DONE
    assert sum("Nobody waits for this any more" in one for one in world.hands.said(cause.ticket_key)) == 1
    assert status(world, cause.ticket_key) == "Done"


def test_a_ticket_that_the_search_does_not_find_yet_is_not_opened_twice(world: World) -> None:
    lag = 3.0
    requests.post(f"{world.sandbox.url}/jira/_/lag", json={"seconds": lag}, timeout=10).raise_for_status()
    world.settings.ENV = world.settings.ENV.model_copy(update={"portal_issues_settle_seconds": 150})
    world.sandbox.fault("reset-after", "/jira/rest/api/2/issue", method="POST", times=1)
    try:
        (run,) = world.blocked_by_its_allowance()
        cause = blocker_of(run, "namespace")
        world.engine.hurry()
        world.engine.go()
        assert watch_of(cause).reason.startswith("Checking whether")
        time.sleep(lag)
        world.engine.hurry()
        world.engine.go()
        cause.refresh_from_db()
        assert world.hands.tickets(str(run.pk)) == [cause.ticket_key]
    finally:
        requests.post(f"{world.sandbox.url}/jira/_/lag", json={"seconds": 0}, timeout=10).raise_for_status()


def test_a_double_that_the_late_search_let_through_is_closed_with_a_word(world: World) -> None:
    world.settings.ENV = world.settings.ENV.model_copy(update={"portal_issues_settle_seconds": 150})
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    fields = world.hands.ticket(cause.ticket_key)
    twin = {"project": {"key": "PLAT"}, "issuetype": {"name": "Task"}, "summary": fields["summary"]}
    double = world.hands.jira("POST", "/issue", {"fields": twin | {"labels": fields["labels"]}})["key"]
    world.engine.look()
    assert status(world, double) != "Done", "the search may still lag"
    Blocker.objects.update(opened_at=Now() - timedelta(hours=1))
    world.engine.look(3)
    assert status(world, double) == "Done"
    assert [one for one in world.hands.said(double) if f"a double of {cause.ticket_key}" in one]
    cause.refresh_from_db()
    assert status(world, cause.ticket_key) != "Done"
    assert step(run, "namespace").blocker == cause
