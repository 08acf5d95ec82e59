"""A blocker has one ticket that is answered and followed; its condition is checked before any run resumes."""

import time
from datetime import timedelta

import pytest
import requests
from django.db.models.functions import Now

from engine.models import EffectState, RunState, StepState
from onboarding.actions import onboardings
from onboarding.models import Blocker, BlockerState, EffectKind, TicketComment
from tests.journey.actors import PLENTY
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of

ANSWER = "nothing was resumed"


def open_blocker(world: World, count: int = 1) -> Blocker:
    """An open blocker with its ticket, for which so many runs wait."""
    runs = world.blocked_by_allowance(count)
    assert len({blocker_of(run, "namespace").pk for run in runs}) == 1
    return blocker_of(runs[0], "namespace")


def answers(world: World, ticket: str) -> int:
    return sum(ANSWER in comment for comment in world.actors.comments(ticket))


def status(world: World, ticket: str) -> str:
    return str(world.actors.ticket(ticket)["status"]["name"])


def test_the_ticket_explains_everything(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    fields = world.actors.ticket(blocker.ticket_key)
    body = fields["description"]
    assert fields["project"]["key"] == "PLAT"
    assert {"onramp", "onramp-allowance"} <= set(fields["labels"])
    assert fields["summary"] == f"Onramp: {blocker.summary}"
    assert blocker.summary in body, "the summary"
    assert "ResourceQuota acme-storefront in namespace onramp-allowances" in body, "the objects"
    assert "requested" in body, "the figures"
    assert "granted" in body
    assert blocker.clears_when in body, "the condition that clears it"
    assert f"{run.repository.full_name} (Storefront), started by alice" in body, "the waiting runs"
    assert f"/onboardings/{run.pk}/" in body
    assert "checks the condition" in body, "what Onramp checks"
    assert step(run, "namespace").links == [[blocker.ticket_key, blocker.ticket_url]]


def test_a_ticket_at_jira_cloud_is_opened_answered_and_closed(world: World) -> None:
    world.configure(
        PORTAL_ISSUES_JIRA_URL=f"{world.sandbox.url}/jira-cloud", PORTAL_ISSUES_JIRA_USER="onramp-bot@acme.example"
    )
    blocker = open_blocker(world)
    assert blocker.ticket_url == f"{world.sandbox.url}/jira-cloud/browse/{blocker.ticket_key}"
    assert world.actors.tickets(blocker.summary) == [blocker.ticket_key]
    world.actors.press(blocker.ticket_key, "done")
    world.engine.poll()
    assert answers(world, blocker.ticket_key) == 1, "the condition does not hold yet"
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    blocker.refresh_from_db()
    assert blocker.state == BlockerState.CLEARED
    assert status(world, blocker.ticket_key) == "Done"


def test_five_runs_share_one_ticket_and_all_resume(world: World) -> None:
    runs = world.blocked_by_allowance(5)
    assert len({blocker_of(run, "namespace").pk for run in runs}) == 1
    blocker = blocker_of(runs[0], "namespace")
    assert world.actors.tickets(blocker.summary) == [blocker.ticket_key]
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert [step(run, "namespace").state for run in runs] == [StepState.DONE] * 5
    assert world.actors.tickets(blocker.summary) == [blocker.ticket_key]


def test_a_later_run_is_named_on_the_ticket_once(world: World) -> None:
    blocker = open_blocker(world)
    later = world.start(world.actors.repository())
    world.engine.drain()
    assert blocker_of(later, "namespace") == blocker
    world.engine.poll(3)
    comments = world.actors.comments(blocker.ticket_key)
    assert [comment for comment in comments if "waits for this too" in comment] == [
        f"{later.repository.full_name} waits for this too: http://127.0.0.1:9/onboardings/{later.pk}/"
    ]


def test_a_run_that_joins_while_the_ticket_is_created_is_named_too(world: World) -> None:
    world.sandbox.fault("error-after", "/jira/rest/api/2/issue", method="POST", times=1)
    blocker = open_blocker(world)
    assert not blocker.ticket_key, "the answer was lost"
    later = world.start(world.actors.repository())
    world.engine.poll()
    blocker.refresh_from_db()
    body = world.actors.ticket(blocker.ticket_key)["description"]
    assert later.repository.full_name not in body
    assert sum(later.repository.full_name in comment for comment in world.actors.comments(blocker.ticket_key)) == 1


def test_closing_without_granting_resumes_nothing_and_gets_one_answer_per_closing(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.press(blocker.ticket_key, "done")
    world.engine.poll(3)
    assert step(run, "namespace").state == StepState.BLOCKED
    assert answers(world, blocker.ticket_key) == 1
    answer = next(comment for comment in world.actors.comments(blocker.ticket_key) if ANSWER in comment)
    assert "requested" in answer
    assert blocker.clears_when in answer
    assert "was closed, but" in watch_of(blocker).reason
    world.actors.press(blocker.ticket_key, "reopen")
    world.engine.poll(2)
    assert answers(world, blocker.ticket_key) == 1
    world.actors.press(blocker.ticket_key, "done")
    world.engine.poll(2)
    assert answers(world, blocker.ticket_key) == 2
    world.actors.press(blocker.ticket_key, "reopen")
    world.actors.press(blocker.ticket_key, "done")
    world.engine.poll(2)
    assert answers(world, blocker.ticket_key) == 3, "it was closed again between two polls"
    assert step(run, "namespace").state == StepState.BLOCKED


def test_an_answer_that_failed_is_repeated(world: World) -> None:
    """The second answer has the text of the first, which must not be mistaken for it."""
    blocker = open_blocker(world)
    world.actors.press(blocker.ticket_key, "done")
    world.engine.poll()
    world.actors.press(blocker.ticket_key, "reopen")
    world.actors.press(blocker.ticket_key, "done")
    world.sandbox.fault("error-before", "/jira/rest/api/2/issue/*/comment", method="POST", times=1)
    world.engine.poll()
    assert answers(world, blocker.ticket_key) == 1
    world.engine.poll(2)
    assert answers(world, blocker.ticket_key) == 2


def test_closing_a_ticket_is_recorded_even_if_the_answer_is_lost(world: World) -> None:
    blocker = open_blocker(world)
    world.sandbox.fault("error-after", "/jira/rest/api/2/issue/*/transitions", method="POST", times=1)
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll(2)
    assert status(world, blocker.ticket_key) == "Done"
    assert watch_of(blocker).state == StepState.DONE
    assert [effect.state for effect in watch_of(blocker).effects.filter(kind=EffectKind.TICKET_CLOSING)] == [
        EffectState.MADE
    ]


def test_granting_and_closing_resumes_and_reports_that_the_ticket_was_closed(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.grant("acme-storefront", PLENTY)
    world.actors.press(blocker.ticket_key, "done")
    world.engine.poll()
    blocker.refresh_from_db()
    assert step(run, "namespace").state == StepState.DONE
    assert blocker.state == BlockerState.CLEARED
    assert blocker.closing_message.startswith(f"{blocker.ticket_key} was closed.")
    assert answers(world, blocker.ticket_key) == 0
    assert "no longer waits for this ticket" in world.actors.comments(blocker.ticket_key)[-1]


def test_a_blocker_that_clears_before_its_ticket_is_closed_resumes_and_closes_it(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll(2)
    blocker.refresh_from_db()
    assert step(run, "namespace").state == StepState.DONE
    assert blocker.closing_message.startswith("It cleared before the ticket was closed.")
    assert (
        sum("cleared before the ticket was closed" in comment for comment in world.actors.comments(blocker.ticket_key))
        == 1
    )
    assert status(world, blocker.ticket_key) == "Done"


def test_wont_do_ends_the_runs_with_the_given_reason(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.press(blocker.ticket_key, "comment", comment="This cluster is closed in May.")
    later = world.start(world.actors.repository())
    world.engine.poll()
    assert any("waits for this too" in comment for comment in world.actors.comments(blocker.ticket_key)), (
        "Onramp's own comment is the last one"
    )
    world.actors.press(blocker.ticket_key, "wont-do")
    world.engine.poll()
    for onboarding in (run, later):
        onboarding.run.refresh_from_db()
        assert onboarding.run.state == RunState.DECLINED
        declined = step(onboarding, "namespace")
        assert declined.state == StepState.DECLINED
        assert (
            declined.reason
            == f"{blocker.ticket_key} was closed as “Won't Do”. Pat Nakamura: “This cluster is closed in May.”"
        )
    blocker.refresh_from_db()
    assert blocker.state == BlockerState.DECLINED
    assert watch_of(blocker).state == StepState.DONE


@pytest.mark.fault(10, "deletes the ticket")
def test_a_deleted_ticket_is_created_again_once(world: World) -> None:
    runs = world.blocked_by_allowance(2)
    blocker = blocker_of(runs[0], "namespace")
    first = blocker.ticket_key
    world.actors.press(first, "delete")
    world.sandbox.fault("error-after", "/jira/rest/api/2/issue", method="POST", times=1)
    world.engine.poll(3)
    blocker.refresh_from_db()
    assert blocker.ticket_key != first
    assert world.actors.tickets(blocker.summary) == [blocker.ticket_key]
    body = world.actors.ticket(blocker.ticket_key)["description"]
    assert all(str(run.pk) in body for run in runs)
    assert not any("waits for this too" in comment for comment in world.actors.comments(blocker.ticket_key))
    assert step(runs[0], "namespace").links == [[blocker.ticket_key, blocker.ticket_url]]
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert [step(run, "namespace").state for run in runs] == [StepState.DONE] * 2


def test_a_ticket_deleted_as_its_blocker_clears_is_not_created_again(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.press(blocker.ticket_key, "delete")
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE
    assert watch_of(blocker).state == StepState.DONE
    assert not world.actors.tickets(str(run.pk))


@pytest.mark.fault(10, "moves the ticket")
def test_a_moved_ticket_is_followed(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    before = blocker.ticket_key
    world.actors.press(before, "done")
    world.engine.poll()
    world.actors.press(before, "move", project="ACME")
    world.engine.poll(2)
    blocker.refresh_from_db()
    assert blocker.ticket_key.startswith("ACME-")
    assert world.actors.tickets(blocker.summary) == [blocker.ticket_key], "no second ticket was created"
    assert step(run, "namespace").links == [[blocker.ticket_key, blocker.ticket_url]]
    assert answers(world, blocker.ticket_key) == 1, (
        "a closing that was answered under the old key is not answered again"
    )
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE
    assert "no longer waits" in world.actors.comments(blocker.ticket_key)[-1]


@pytest.mark.fault(10, "re-opens the ticket")
def test_a_reopened_ticket_blocks_as_before(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.press(blocker.ticket_key, "done")
    world.engine.poll()
    world.actors.press(blocker.ticket_key, "reopen")
    world.engine.poll()
    assert "was closed" not in watch_of(blocker).reason
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE
    assert status(world, blocker.ticket_key) == "Done"


def test_comments_of_people_are_stored_for_the_page(world: World) -> None:
    blocker = open_blocker(world)
    version = version_of_blocked_runs(blocker)
    world.actors.press(blocker.ticket_key, "comment", comment="How much do you need?")
    world.engine.poll(2)
    comments = TicketComment.objects.filter(blocker=blocker)
    assert [(comment.author, comment.body) for comment in comments] == [("Pat Nakamura", "How much do you need?")]
    assert version_of_blocked_runs(blocker) > version, "the pages of the waiting runs must change"


def version_of_blocked_runs(blocker: Blocker) -> int:
    return min(step.run.version for step in blocker.blocked_steps.select_related("run"))


def test_a_blocker_without_waiting_runs_is_abandoned_with_a_comment(world: World) -> None:
    runs = world.blocked_by_allowance(2)
    blocker = blocker_of(runs[0], "namespace")
    onboardings.cancel(world.alice, runs[0])
    world.engine.poll()
    assert watch_of(blocker).state == StepState.WAITING, "one run still waits"
    onboardings.cancel(world.alice, runs[1])
    world.engine.poll(2)
    blocker.refresh_from_db()
    assert blocker.state == BlockerState.ABANDONED
    assert watch_of(blocker).state == StepState.DONE
    assert (
        sum("Nothing waits for this any more" in comment for comment in world.actors.comments(blocker.ticket_key)) == 1
    )
    assert status(world, blocker.ticket_key) == "Done"


def test_a_ticket_that_the_search_does_not_find_yet_is_not_created_twice(world: World) -> None:
    lag = 3.0
    requests.post(f"{world.sandbox.url}/jira/_/lag", json={"seconds": lag}, timeout=10).raise_for_status()
    world.settings.ENV = world.settings.ENV.model_copy(update={"portal_issues_settle_seconds": 150})
    world.sandbox.fault("reset-after", "/jira/rest/api/2/issue", method="POST", times=1)
    try:
        (run,) = world.blocked_by_allowance()
        blocker = blocker_of(run, "namespace")
        world.engine.skip_waits()
        world.engine.drain()
        assert watch_of(blocker).reason.startswith("Checking whether")
        time.sleep(lag)
        world.engine.skip_waits()
        world.engine.drain()
        blocker.refresh_from_db()
        assert world.actors.tickets(str(run.pk)) == [blocker.ticket_key]
    finally:
        requests.post(f"{world.sandbox.url}/jira/_/lag", json={"seconds": 0}, timeout=10).raise_for_status()


def test_a_duplicate_that_the_late_search_let_through_is_closed_with_a_comment(world: World) -> None:
    world.settings.ENV = world.settings.ENV.model_copy(update={"portal_issues_settle_seconds": 150})
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    fields = world.actors.ticket(blocker.ticket_key)
    twin = {"project": {"key": "PLAT"}, "issuetype": {"name": "Task"}, "summary": fields["summary"]}
    duplicate = world.actors.jira("POST", "/issue", {"fields": twin | {"labels": fields["labels"]}})["key"]
    world.engine.poll()
    assert status(world, duplicate) != "Done", "the search may still lag"
    Blocker.objects.update(opened_at=Now() - timedelta(hours=1))
    world.engine.poll(3)
    assert status(world, duplicate) == "Done"
    assert [comment for comment in world.actors.comments(duplicate) if f"duplicates {blocker.ticket_key}" in comment]
    blocker.refresh_from_db()
    assert status(world, blocker.ticket_key) != "Done"
    assert step(run, "namespace").blocked_by_id == blocker.pk
