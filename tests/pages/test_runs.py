"""The page of a run: its text in each state, its polls, and what people can do there."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from engine.context import Work
from engine.models import Move, Step, StepState
from engine.outcomes import Done, Failure, Outcome, Wait
from onboarding.blockers import lifecycle
from onboarding.models import Blocker, Onboarding, Presence
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.test_addresses import FRAGMENT, words

VERSION = re.compile(r"version=([0-9-]+)")


def page(client: Client, row: Onboarding) -> str:
    return client.get(f"/onboardings/{row.pk}/").content.decode()


def poll(client: Client, row: Onboarding, version: str) -> tuple[int, str]:
    answer = client.get(f"/onboardings/{row.pk}/?version={version}", headers=FRAGMENT)
    return answer.status_code, answer.content.decode()


def version(content: str) -> str:
    match = VERSION.search(content)
    assert match is not None
    return match[1]


def fail(_: Work) -> Outcome:
    raise Failure("The pipeline would not be allowed to apply Ingress", detail="access review for github:acme")


def test_all_steps_are_listed_before_the_first_one_starts(cast: Cast, alice: Client) -> None:
    content = page(alice, rows.onboarding(cast))
    assert re.findall(r'id="step-(\w+)" ', content) == rows.ORDER
    assert "0 of 12 steps" in words(content.encode())


def test_a_poll_is_204_without_changes_and_the_run_with_them(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    shown = version(page(alice, row))
    assert poll(alice, row, shown) == (204, "")
    rows.execute(row, "access", rows.done("access"))
    status, content = poll(alice, row, shown)
    assert status == 200
    assert content.lstrip().startswith('<div id="run"')
    assert "1 of 12 steps" in words(content.encode())
    assert poll(alice, row, version(content))[0] == 204


def test_a_poll_without_changes_needs_few_queries(
    cast: Cast, alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    row = rows.onboarding(cast)
    shown = version(page(alice, row))
    poll(alice, row, shown)
    with django_assert_max_num_queries(11):
        assert poll(alice, row, shown)[0] == 204


def test_the_poll_that_sees_the_end_is_the_last(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    shown = version(page(alice, row))
    rows.finish(row)
    status, content = poll(alice, row, shown)
    assert status == 286
    assert 'id="poll"' not in content
    assert 'id="poll"' not in page(alice, row)


def test_a_poll_records_the_presence_of_the_person(cast: Cast, alice: Client, pat: Client) -> None:
    row = rows.onboarding(cast)
    page(alice, row)
    assert not Presence.objects.exists()
    poll(alice, row, "0")
    poll(alice, row, "0")
    poll(pat, row, "0")
    assert set(Presence.objects.values_list("person__username", flat=True)) == {"alice", "pat"}


def test_a_blocked_run_names_ticket_owner_place_and_condition(cast: Cast, alice: Client, pat: Client) -> None:
    row = rows.onboarding(cast)
    blocker = rows.block(cast, row)
    rows.ticket(blocker)
    rows.comment(blocker, "I am looking at it.")
    text = words(page(alice, row).encode())
    for expected in (
        "Waiting for the platform team. The allowance of Storefront",
        "The platform team’s move",
        "PLAT-1",
        "The platform team of Acme",
        "Place in the queue 1",
        "Clears when The allowance covers",
        "I am looking at it.",
        "You can close this page",
        "Cannot start yet",
    ):
        assert expected in text, expected
    assert "Your move" not in text
    assert "Your move" in words(page(pat, row).encode())


def test_a_change_of_the_ticket_is_shown_by_the_next_poll(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    blocker = rows.block(cast, row)
    shown = version(page(alice, row))
    rows.ticket(blocker)
    status, content = poll(alice, row, shown)
    assert status == 200
    assert "PLAT-1" in content


def test_a_resumed_run_says_when_and_why(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    blocker = rows.block(cast, row)
    lifecycle.resume(blocker, "Resumed 10:41: PLAT-1 was closed. The allowance of Storefront has room now.")
    text = words(page(alice, row).encode())
    assert "Resumed just now : PLAT-1 was closed. The allowance of Storefront has room now." in text


def test_a_failure_says_what_failed_why_and_whose_move_it_is(cast: Cast, alice: Client, pat: Client) -> None:
    row = rows.onboarding(cast)
    rows.execute(row, "access", rows.done("access"))
    rows.execute(row, "pipeline", fail)
    content = page(alice, row)
    text = words(content.encode())
    assert "“Pipeline” failed. The pipeline would not be allowed to apply Ingress." in text
    assert "Your move" in text
    assert "access review for github:acme" in text
    assert re.search(r'<details id="step-pipeline-more"[^>]* open', content)
    assert not re.search(r'<details id="step-access-more"[^>]* open', content)
    assert "Storefront’s move" in words(page(pat, row).encode())


def test_a_failed_step_can_be_retried_and_its_attempts_are_numbered(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    rows.execute(row, "access", fail)
    answer = alice.post(f"/onboardings/{row.pk}/retries/", {"step": "access"})
    assert answer["Location"] == f"/onboardings/{row.pk}/#step-access"
    assert row.run.steps.get(name="access").state == StepState.READY
    rows.execute(row, "access", rows.done("access"))
    text = words(page(alice, row).encode())
    assert "Attempt 1" in text
    assert "Attempt 2" in text


def test_a_step_that_cannot_be_retried_says_so(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    answer = alice.post(f"/onboardings/{row.pk}/retries/", {"step": "verification"}, follow=True)
    assert "there is nothing to retry" in words(answer.content)


def test_a_wait_for_the_team_links_to_the_pull_request(cast: Cast, alice: Client, pat: Client) -> None:
    row = rows.onboarding(cast)
    rows.execute_until(row, "merge")
    rows.execute(
        row, "merge", Wait("Look at pull request #7 and merge it.", 30, Move.TEAM, [("#7", "http://x/pull/7")])
    )
    content = page(alice, row)
    assert '<a class="button primary" href="http://x/pull/7"' in content
    assert "Waiting for you" in words(content.encode())
    assert "Waiting for Storefront" in words(page(pat, row).encode())


def test_a_worker_that_stopped_responding_is_shown_and_its_clock_stops(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    Step.objects.filter(run=row.run, name="access").update(
        state=StepState.RUNNING, began_at=row.run.created_at, lease_until="2020-01-01T00:00Z"
    )
    content = page(alice, row)
    assert "The worker stopped responding" in content
    assert "data-since" not in content


def test_a_finished_run_links_to_what_runs(cast: Cast, alice: Client) -> None:
    row = rows.finish(rows.onboarding(cast))
    text = words(page(alice, row).encode())
    for expected in ("Onboarded: acme/parcel-tracker", "Metrics · Logs", "How to change things", "12 of 12 steps"):
        assert expected in text, expected


def test_the_cancellation_first_shows_what_is_left_in_place(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)

    def create(work: Work) -> Outcome:
        work.ensure("webhook", "acme/parcel-tracker → here", create=lambda: rows.made("http://x/hook"))
        return Done("done")

    rows.execute(row, "access", create)
    text = words(alice.get(f"/onboardings/{row.pk}/cancellation/").content)
    assert "Only cancel run" in text
    assert "acme/parcel-tracker → here" in text
    answer = alice.post(f"/onboardings/{row.pk}/cancellation/", follow=True)
    assert "Cancelled. Everything created until then" in words(answer.content)
    assert "acme/parcel-tracker → here" in words(answer.content)
    again = alice.post(f"/onboardings/{row.pk}/cancellation/", follow=True)
    assert "This run has already ended" in words(again.content)


def test_a_log_is_shown_line_by_line_and_downloaded_whole(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    step = rows.execute(row, "access", rows.done("access"))
    attempt = step.attempts.get()
    assert f'id="log-{attempt.pk}-2"' in page(alice, row)
    answer = alice.get(f"/onboardings/{row.pk}/attempts/{attempt.pk}/log")
    assert answer["Content-Disposition"] == 'attachment; filename="access-attempt-1.txt"'
    assert answer.content.decode() == attempt.log
    assert attempt.log.count("\n") >= 2


def test_an_attempt_of_another_run_is_not_found(cast: Cast, alice: Client) -> None:
    other = rows.execute(rows.onboarding(cast, "other"), "access", rows.done("access")).attempts.get()
    row = rows.onboarding(cast)
    assert alice.get(f"/onboardings/{row.pk}/attempts/{other.pk}/log").status_code == 404


def test_text_from_outside_is_never_markup(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)

    def fail_loudly(_: Work) -> Outcome:
        raise Failure("<img src=x onerror=alert(1)>", detail="</pre><script>alert(1)</script>")

    rows.execute(row, "access", fail_loudly)
    content = page(alice, row)
    assert "<img src=x" not in content
    assert "<script>alert" not in content


@pytest.mark.parametrize("show", ["all", "needs", "active", "done", "ended", "nonsense"])
def test_the_list_shows_the_runs_that_match_its_filter(cast: Cast, alice: Client, show: str) -> None:
    rows.finish(rows.onboarding(cast, "finished"))
    rows.block(cast, rows.onboarding(cast, "stuck"))
    text = words(alice.get("/onboardings/", {"show": show}).content)
    expected = {"needs": ("stuck",), "active": ("stuck",), "done": ("finished",), "ended": ()}.get(
        show, ("stuck", "finished")
    )
    for name in ("stuck", "finished"):
        assert (f"acme/{name}" in text) is (name in expected)


def test_the_list_needs_no_query_per_run(
    cast: Cast, alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        rows.onboarding(cast, f"service-{number}")
    with django_assert_max_num_queries(10):
        alice.get("/onboardings/")


def test_the_first_page_shows_first_what_needs_me(cast: Cast, alice: Client, pat: Client) -> None:
    row = rows.onboarding(cast, "mine")
    rows.execute(row, "access", fail)
    rows.finish(rows.onboarding(cast, "finished"))
    text = words(alice.get("/").content)
    assert text.index("Needs your action") < text.index("acme/mine") < text.index("Recent activity")
    assert "Needs your action" not in words(pat.get("/").content)


def test_a_cause_that_keeps_returning_shows_its_history_and_what_clears_it(cast: Cast, alice: Client) -> None:
    """Neither the page nor its last sentence promises that the condition suffices."""
    row = rows.onboarding(cast)
    blocker = rows.block(cast, row)
    assert "resumes once it holds" in words(page(alice, row).encode())
    at = "2026-11-30T10:00:00+00:00"
    clearings = [[at, "PLAT-1 was closed.", "PLAT-1", "https://jira.example/PLAT-1"], [at, "It holds.", "", ""]]
    Blocker.objects.filter(pk=blocker.pk).update(history=clearings)
    text = words(page(alice, row).encode())
    assert "Cleared earlier, but came back" in text
    assert "PLAT-1 was closed. PLAT-1" in text
    assert "the ticket must be resolved too" in text
    assert "The run resumes when the platform team resolves the ticket." in text
    assert "resumes once it holds" not in text
