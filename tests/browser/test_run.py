"""The page of a run while a person works with it."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from engine import runs
from engine.context import Work
from engine.models import Move, Run, Step
from engine.outcomes import Done, Failure, Outcome, Wait
from onboarding.models import Onboarding
from tests.browser.conftest import Visitor
from tests.conftest import Cast
from tests.pages import rows

pytestmark = pytest.mark.django_db(transaction=True)
POLL = 5_100
"""Milliseconds until the page has certainly polled once."""


@pytest.fixture
def row(cast: Cast) -> Onboarding:
    row = rows.onboarding(cast)
    rows.execute(row, "access", rows.done("access"))
    return row


def address(row: Onboarding) -> str:
    return f"/onboardings/{row.pk}/"


def fail(_: Work) -> Outcome:
    raise Failure("The pipeline cannot run", detail="raw output")


def poll(page: Page) -> None:
    """Let the page poll once and show the answer."""
    with page.expect_response(lambda answer: "version=" in answer.url):
        page.clock.run_for(POLL)
    page.wait_for_function("() => !document.querySelector('.htmx-request')")


def test_nothing_that_the_reader_uses_moves_in_sixty_updates(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    step = rows.execute(row, "pipeline", fail)
    rows.append_log(step, 30)
    page = visitor.open(cast.alice, address(row), clock=True)
    attempt = step.attempts.get()
    page.click(f"#attempt-{attempt.pk}-summary")
    page.locator(f"#search-{attempt.pk}").fill("of the l")
    page.locator("#step-pipeline-retry").focus()
    page.evaluate("id => getSelection().selectAllChildren(document.getElementById(id))", f"log-{attempt.pk}-3")
    before = state(page, attempt.pk)
    assert before["open"] is True
    for number in range(60):
        rows.append_log(step, 1)
        poll(page)
        assert page.locator(f"#log-{attempt.pk} > li").count() == step.attempts.get().log.count("\n"), number
        assert state(page, attempt.pk) == before, number


def state(page: Page, attempt: int) -> dict[str, object]:
    values: dict[str, object] = page.evaluate(
        """id => ({
            open: document.getElementById(`attempt-${id}`).open,
            typed: document.getElementById(`search-${id}`).value,
            focus: document.activeElement.id,
            selected: getSelection().toString(),
            scroll: scrollY,
            place: document.getElementById('step-pipeline-retry').getBoundingClientRect().top,
        })""",
        attempt,
    )
    return values


def test_typing_continues_through_an_update(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    step = rows.execute(row, "pipeline", fail)
    rows.append_log(step, 5)
    page = visitor.open(cast.alice, address(row), clock=True)
    attempt = step.attempts.get().pk
    page.click(f"#attempt-{attempt}-summary")
    page.locator(f"#search-{attempt}").press_sequentially("line")
    rows.append_log(step, 5)
    poll(page)
    page.keyboard.type(" 2")
    assert page.input_value(f"#search-{attempt}") == "line 2"
    expect(page.locator(f"#log-{attempt} > li:visible")).to_have_count(1)


def test_selected_text_is_replaced_only_once_it_is_deselected(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    page.evaluate("getSelection().selectAllChildren(document.getElementById('headline'))")
    before = page.evaluate("getSelection().toString()")
    rows.execute(row, "pipeline", fail)
    poll(page)
    assert page.evaluate("getSelection().toString()") == before
    page.evaluate("getSelection().removeAllRanges()")
    poll(page)
    expect(page.locator("#headline")).to_contain_text("“Pipeline” failed")


def test_the_step_that_needs_a_person_opens_and_title_and_icon_change(
    cast: Cast, row: Onboarding, visitor: Visitor
) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    assert page.title().startswith("In progress: acme/parcel-tracker")
    assert page.get_attribute("#step-pipeline-more", "open") is None
    rows.execute(row, "pipeline", fail)
    poll(page)
    expect(page.locator("#step-pipeline-more")).to_have_attribute("open", "")
    assert page.title().startswith("Failed: acme/parcel-tracker")
    assert "problem" in str(page.get_attribute("#icon", "href"))


def test_a_change_of_state_is_announced_once_and_a_log_line_never(
    cast: Cast, row: Onboarding, visitor: Visitor
) -> None:
    step = rows.execute(row, "pipeline", fail)
    page = visitor.open(cast.alice, address(row), clock=True)
    page.evaluate(
        """() => { window.announcements = 0;
            new MutationObserver(() => { window.announcements += 1; })
                .observe(document.getElementById('live'), {childList: true, subtree: true, characterData: true}); }"""
    )
    for _ in range(5):
        rows.append_log(step, 3)
        poll(page)
    assert page.evaluate("window.announcements") == 0
    rows.execute(row, "pipeline", rows.done("pipeline"))
    poll(page)
    assert page.evaluate("window.announcements") == 1


def test_focus_moves_to_the_step_when_its_focused_button_disappears(
    cast: Cast, row: Onboarding, visitor: Visitor
) -> None:
    rows.execute(row, "pipeline", fail)
    page = visitor.open(cast.alice, address(row), clock=True)
    page.locator("#step-pipeline-retry").focus()
    rows.execute(row, "pipeline", rows.done("pipeline"))
    poll(page)
    expect(page.locator("#step-pipeline-retry")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "step-pipeline-summary"


def test_a_lost_connection_is_shown_and_caught_up_with(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    notice = page.locator("#connection")
    expect(notice).to_be_hidden()
    page.context.set_offline(True)
    page.clock.run_for(8_000)
    expect(notice).to_contain_text("Connection to Onramp lost.")
    rows.execute(row, "pipeline", rows.done("pipeline"))
    rows.execute(row, "metrics", rows.done("metrics"))
    page.context.set_offline(False)
    poll(page)
    expect(notice).to_be_hidden()
    expect(page.locator("#progress")).to_contain_text("3 of 12 steps")
    assert all("ERR_INTERNET_DISCONNECTED" in each or "htmx" in each for each in visitor.complaints)
    visitor.complaints.clear()


def test_the_last_answer_ends_the_polling(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    with transaction.atomic():
        runs.end(runs.lock(row.pk), "done")  # type: ignore[arg-type]
    poll(page)
    expect(page.locator("#headline")).to_contain_text("Onboarded")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.clock.run_for(60_000)
    assert requests == []


def test_the_clock_of_a_running_step_advances(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    Step.objects.filter(run=row.run, name="pipeline").update(
        state="running", began_at="2026-01-01T00:00Z", lease_until="2126-01-01T00:00Z"
    )
    with transaction.atomic():
        runs.touch(row.run)
    page = visitor.open(cast.alice, address(row), clock=True)
    clock = page.locator("#step-pipeline-head time[data-since]")
    first = clock.inner_text()
    page.clock.run_for(1_000 * 60 * 3)
    assert clock.inner_text() != first or "day" in first


def test_times_are_in_the_readers_zone(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), timezone_id="Asia/Tokyo", locale="en-GB")
    started = page.locator("#facts time").first
    expect(started).to_have_text("just now")
    expect(started).to_have_attribute("title", re.compile("GMT\\+9"))


def test_the_page_is_complete_without_a_script(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    rows.execute(row, "pipeline", fail)
    page = visitor.open(cast.alice, address(row), java_script_enabled=False)
    expect(page.locator("#step-pipeline-more")).to_have_attribute("open", "")
    expect(page.locator("#facts time").first).to_have_attribute("title", re.compile("UTC"))
    page.click("#step-pipeline-retry")
    expect(page.locator("#step-pipeline")).to_contain_text("In progress")


def test_the_keyboard_reaches_everything(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    rows.execute(row, "pipeline", fail)
    page = visitor.open(cast.alice, address(row))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, visible, left_page = page.evaluate(
            """() => { const e = document.activeElement; const s = getComputedStyle(e);
                return [e.id || e.textContent.trim().slice(0, 30), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2, e === document.body]; }"""
        )
        if left_page:
            break
        assert visible, f"the focus on {name} is not visible"
        reached.add(name)
    assert {"step-access-summary", "step-pipeline-summary", "step-pipeline-retry", "Cancel run…"} <= reached


def test_a_log_follows_until_the_reader_scrolls_up(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    step = rows.execute(row, "pipeline", fail)
    rows.append_log(step, 200)
    page = visitor.open(cast.alice, address(row), clock=True)
    attempt = step.attempts.get().pk
    page.click(f"#attempt-{attempt}-summary")
    at_end = f"() => {{ const f = document.getElementById('log-{attempt}-frame'); return f.scrollHeight - f.scrollTop - f.clientHeight < 8; }}"
    page.wait_for_function(at_end)
    rows.append_log(step, 20)
    poll(page)
    page.wait_for_function(at_end)
    page.locator(f"#log-{attempt}-frame").evaluate("frame => { frame.scrollTop = 10; }")
    page.wait_for_timeout(100)
    rows.append_log(step, 20)
    poll(page)
    assert page.locator(f"#log-{attempt}-frame").evaluate("frame => frame.scrollTop") == 10


def test_the_outcome_of_a_wait_shows_without_a_reload(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    for name in rows.ORDER[1:8]:
        rows.execute(row, name, rows.done(name))
    rows.execute(row, "merge", Wait("Review pull request #7 and merge it.", 30, Move.TEAM, [("#7", "http://x/7")]))
    page = visitor.open(cast.alice, address(row), clock=True)
    expect(page.locator("#headline")).to_contain_text("Review pull request #7")
    rows.execute(row, "merge", Done("Pull request #7 was merged."))
    poll(page)
    expect(page.locator("#step-merge-head")).to_contain_text("Done")


def test_a_relative_time_advances_without_a_poll(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    page.context.set_offline(True)
    page.clock.run_for(1_000 * 60 * 3)
    expect(page.locator("#facts time").first).to_have_text("3 min ago")
    visitor.complaints.clear()


def test_a_relative_time_is_right_although_the_readers_clock_is_wrong(
    cast: Cast, row: Onboarding, visitor: Visitor
) -> None:
    page = visitor.open(cast.alice, address(row), clock="2020-01-01T00:00:00Z")
    expect(page.locator("#facts time").first).to_have_text("just now")


def test_a_focused_link_stays_when_only_the_time_beside_it_changes(
    cast: Cast, row: Onboarding, visitor: Visitor
) -> None:
    Run.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(seconds=119))
    page = visitor.open(cast.alice, address(row), clock=True)
    page.locator("#facts a").last.focus()
    page.wait_for_timeout(1_500)
    with transaction.atomic():
        runs.touch(row.run)
    poll(page)
    assert page.evaluate("document.activeElement.textContent") == "Approved plan"
