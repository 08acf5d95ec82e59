"""The page of a run: what it says in each state, what a poll answers, and what one can do there."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from onboarding import blocking
from onboarding.engine.outcomes import Done, Failure, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import Move, Onboarding, Presence, Step, StepState
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
    found = VERSION.search(content)
    assert found is not None
    return found[1]


def fail(_: Work) -> Outcome:
    raise Failure("The pipeline would not be allowed to apply Ingress", detail="access review for github:acme")


def test_all_steps_are_listed_before_the_first_one_starts(cast: Cast, alice: Client) -> None:
    content = page(alice, rows.onboarding(cast))
    assert re.findall(r'id="step-(\w+)" ', content) == rows.ORDER
    assert "0 of 12 steps" in words(content.encode())


def test_a_poll_without_news_is_204_and_with_news_only_the_run(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    known = version(page(alice, row))
    assert poll(alice, row, known) == (204, "")
    rows.play(row, "access", rows.done("access"))
    status, content = poll(alice, row, known)
    assert status == 200
    assert content.lstrip().startswith('<div id="run"')
    assert "1 of 12 steps" in words(content.encode())
    assert poll(alice, row, version(content))[0] == 204


def test_a_quiet_poll_costs_few_statements(
    cast: Cast, alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    row = rows.onboarding(cast)
    known = version(page(alice, row))
    poll(alice, row, known)
    with django_assert_max_num_queries(11):
        assert poll(alice, row, known)[0] == 204


def test_a_poll_that_sees_the_end_is_the_last(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    known = version(page(alice, row))
    rows.finish(row)
    status, content = poll(alice, row, known)
    assert status == 286
    assert 'id="poll"' not in content
    assert 'id="poll"' not in page(alice, row)


def test_a_poll_says_that_somebody_watches(cast: Cast, alice: Client, pat: Client) -> None:
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
    said = words(page(alice, row).encode())
    for expected in (
        "Waiting for the platform team. The allowance of Storefront",
        "The platform team’s move",
        "PLAT-1",
        "the platform team of Acme",
        "Place in the queue 1",
        "It clears when The allowance covers",
        "I am looking at it.",
        "You may close this page",
        "Cannot start yet",
    ):
        assert expected in said, expected
    assert "Your move" not in said
    assert "Your move" in words(page(pat, row).encode())


def test_a_comment_on_the_ticket_is_news(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    blocker = rows.block(cast, row)
    known = version(page(alice, row))
    rows.ticket(blocker)
    status, content = poll(alice, row, known)
    assert status == 200
    assert "PLAT-1" in content


def test_it_says_that_it_resumed_and_after_what(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    blocker = rows.block(cast, row)
    blocking.resume(blocker, "Resumed 10:41: PLAT-1 was closed. The allowance of Storefront has room now.")
    said = words(page(alice, row).encode())
    assert re.search(r"Resumed \d\d:\d\d UTC : PLAT-1 was closed\. The allowance of Storefront has room now\.", said)


def test_a_failure_says_what_why_and_whose_move(cast: Cast, alice: Client, pat: Client) -> None:
    row = rows.onboarding(cast)
    rows.play(row, "access", rows.done("access"))
    rows.play(row, "pipeline", fail)
    content = page(alice, row)
    said = words(content.encode())
    assert "There is a problem in “Pipeline”. The pipeline would not be allowed to apply Ingress." in said
    assert "Your move" in said
    assert "access review for github:acme" in said
    assert re.search(r'<details id="step-pipeline-more"[^>]* open', content)
    assert not re.search(r'<details id="step-access-more"[^>]* open', content)
    assert "Storefront’s move" in words(page(pat, row).encode())


def test_a_failed_step_is_tried_again_and_its_attempts_are_numbered(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    rows.play(row, "access", fail)
    answer = alice.post(f"/onboardings/{row.pk}/retries/", {"step": "access"})
    assert answer["Location"] == f"/onboardings/{row.pk}/#step-access"
    assert row.run.steps.get(name="access").state == StepState.READY
    rows.play(row, "access", rows.done("access"))
    said = words(page(alice, row).encode())
    assert "Attempt 1" in said
    assert "Attempt 2" in said


def test_what_cannot_be_tried_again_is_said(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    answer = alice.post(f"/onboardings/{row.pk}/retries/", {"step": "proof"}, follow=True)
    assert "there is nothing to try again" in words(answer.content)


def test_a_wait_for_the_team_links_to_what_it_has_to_look_at(cast: Cast, alice: Client, pat: Client) -> None:
    row = rows.onboarding(cast)
    rows.until(row, "merge")
    rows.play(row, "merge", Wait("Look at pull request #7 and merge it.", 30, Move.TEAM, [("#7", "http://x/pull/7")]))
    content = page(alice, row)
    assert '<a class="button primary" href="http://x/pull/7"' in content
    assert "Waiting for you" in words(content.encode())
    assert "Waiting for Storefront" in words(page(pat, row).encode())


def test_a_worker_that_is_gone_is_said_and_its_clock_stops(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    Step.objects.filter(run=row.run, name="access").update(
        state=StepState.RUNNING, began_at=row.run.created_at, lease_until="2020-01-01T00:00Z"
    )
    content = page(alice, row)
    assert "Its worker has not been heard of since" in content
    assert "data-since" not in content


def test_the_finished_run_leads_to_what_runs(cast: Cast, alice: Client) -> None:
    row = rows.finish(rows.onboarding(cast))
    said = words(page(alice, row).encode())
    for expected in ("Onboarded: acme/parcel-tracker", "Metrics · Logs", "How to change things", "12 of 12 steps"):
        assert expected in said, expected


def test_cancelling_first_says_what_stays(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)

    def make(given: Work) -> Outcome:
        given.ensure("webhook", "acme/parcel-tracker → here", make=lambda: rows.made("http://x/hook"))
        return Done("done")

    rows.play(row, "access", make)
    said = words(alice.get(f"/onboardings/{row.pk}/cancellation/").content)
    assert "Only cancel" in said
    assert "acme/parcel-tracker → here" in said
    answer = alice.post(f"/onboardings/{row.pk}/cancellation/", follow=True)
    assert "Cancelled. What was made until then" in words(answer.content)
    assert "acme/parcel-tracker → here" in words(answer.content)
    again = alice.post(f"/onboardings/{row.pk}/cancellation/", follow=True)
    assert "This run has ended already" in words(again.content)


def test_a_log_is_shown_by_line_and_downloaded_whole(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    step = rows.play(row, "access", rows.done("access"))
    attempt = step.attempts.get()
    assert f'id="log-{attempt.pk}-2"' in page(alice, row)
    answer = alice.get(f"/onboardings/{row.pk}/attempts/{attempt.pk}/log")
    assert answer["Content-Disposition"] == 'attachment; filename="access-attempt-1.txt"'
    assert answer.content.decode() == attempt.log
    assert attempt.log.count("\n") >= 2


def test_an_attempt_of_another_run_is_not_found_here(cast: Cast, alice: Client) -> None:
    other = rows.play(rows.onboarding(cast, "other"), "access", rows.done("access")).attempts.get()
    row = rows.onboarding(cast)
    assert alice.get(f"/onboardings/{row.pk}/attempts/{other.pk}/log").status_code == 404


def test_words_from_outside_are_never_markup(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)

    def fail_loudly(_: Work) -> Outcome:
        raise Failure("<img src=x onerror=alert(1)>", detail="</pre><script>alert(1)</script>")

    rows.play(row, "access", fail_loudly)
    content = page(alice, row)
    assert "<img src=x" not in content
    assert "<script>alert" not in content


@pytest.mark.parametrize("show", ["all", "needs", "active", "done", "ended", "nonsense"])
def test_the_list_shows_what_is_asked_for(cast: Cast, alice: Client, show: str) -> None:
    rows.finish(rows.onboarding(cast, "finished"))
    rows.block(cast, rows.onboarding(cast, "stuck"))
    said = words(alice.get("/onboardings/", {"show": show}).content)
    expected = {"needs": ("stuck",), "active": ("stuck",), "done": ("finished",), "ended": ()}.get(
        show, ("stuck", "finished")
    )
    for name in ("stuck", "finished"):
        assert (f"acme/{name}" in said) is (name in expected)


def test_the_list_costs_the_same_for_one_run_and_for_many(
    cast: Cast, alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        rows.onboarding(cast, f"service-{number}")
    with django_assert_max_num_queries(10):
        alice.get("/onboardings/")


def test_the_first_page_puts_first_what_needs_me(cast: Cast, alice: Client, pat: Client) -> None:
    row = rows.onboarding(cast, "mine")
    rows.play(row, "access", fail)
    rows.finish(rows.onboarding(cast, "finished"))
    said = words(alice.get("/").content)
    assert said.index("Needs you") < said.index("acme/mine") < said.index("Lately in your teams")
    assert "Needs you" not in words(pat.get("/").content)
