"""The long-running page under somebody's hands."""

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from onboarding.engine import progress
from onboarding.engine.outcomes import Done, Failure, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import Move, Onboarding, Step
from tests.browser.conftest import Visitor
from tests.conftest import Cast
from tests.pages import rows

pytestmark = pytest.mark.django_db(transaction=True)
POLL = 5_100
"""Milliseconds until the page has certainly asked for news once."""


@pytest.fixture
def row(cast: Cast) -> Onboarding:
    made = rows.onboarding(cast)
    rows.play(made, "access", rows.done("access"))
    return made


def address(row: Onboarding) -> str:
    return f"/onboardings/{row.pk}/"


def fail(_: Work) -> Outcome:
    raise Failure("The pipeline cannot run", detail="raw words")


def news(page: Page) -> None:
    """Let the page ask once, and take in the answer."""
    with page.expect_response(lambda answer: "version=" in answer.url):
        page.clock.run_for(POLL)
    page.wait_for_function("() => !document.querySelector('.htmx-request')")


def test_nothing_under_the_hand_moves_in_sixty_updates(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    step = rows.play(row, "pipeline", fail)
    rows.say(step, 30)
    page = visitor.open(cast.alice, address(row), clock=True)
    attempt = step.attempts.get()
    page.click(f"#attempt-{attempt.pk}-summary")
    page.locator(f"#search-{attempt.pk}").fill("of the l")
    page.locator("#step-pipeline-retry").focus()
    page.evaluate("id => getSelection().selectAllChildren(document.getElementById(id))", f"log-{attempt.pk}-3")
    before = state(page, attempt.pk)
    assert before["open"] is True
    for number in range(60):
        rows.say(step, 1)
        news(page)
        assert page.locator(f"#log-{attempt.pk} > li").count() == step.attempts.get().log.count("\n"), number
        assert state(page, attempt.pk) == before, number


def state(page: Page, attempt: int) -> dict[str, object]:
    found: dict[str, object] = page.evaluate(
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
    return found


def test_typing_goes_on_through_an_update(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    step = rows.play(row, "pipeline", fail)
    rows.say(step, 5)
    page = visitor.open(cast.alice, address(row), clock=True)
    attempt = step.attempts.get().pk
    page.click(f"#attempt-{attempt}-summary")
    page.locator(f"#search-{attempt}").press_sequentially("line")
    rows.say(step, 5)
    news(page)
    page.keyboard.type(" 2")
    assert page.input_value(f"#search-{attempt}") == "line 2"
    expect(page.locator(f"#log-{attempt} > li:visible")).to_have_count(1)


def test_what_is_selected_is_replaced_only_once_it_is_let_go(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    page.evaluate("getSelection().selectAllChildren(document.getElementById('headline'))")
    before = page.evaluate("getSelection().toString()")
    rows.play(row, "pipeline", fail)
    news(page)
    assert page.evaluate("getSelection().toString()") == before
    page.evaluate("getSelection().removeAllRanges()")
    news(page)
    expect(page.locator("#headline")).to_contain_text("There is a problem in “Pipeline”")


def test_the_step_that_needs_somebody_opens_itself_and_title_and_icon_say_so(
    cast: Cast, row: Onboarding, visitor: Visitor
) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    assert page.title().startswith("In progress: acme/parcel-tracker")
    assert page.get_attribute("#step-pipeline-more", "open") is None
    rows.play(row, "pipeline", fail)
    news(page)
    expect(page.locator("#step-pipeline-more")).to_have_attribute("open", "")
    assert page.title().startswith("Problem: acme/parcel-tracker")
    assert "problem" in str(page.get_attribute("#icon", "href"))


def test_one_sentence_is_spoken_per_change_of_state_and_none_per_line(
    cast: Cast, row: Onboarding, visitor: Visitor
) -> None:
    step = rows.play(row, "pipeline", fail)
    page = visitor.open(cast.alice, address(row), clock=True)
    page.evaluate(
        """() => { window.spoken = 0;
            new MutationObserver(() => { window.spoken += 1; })
                .observe(document.getElementById('live'), {childList: true, subtree: true, characterData: true}); }"""
    )
    for _ in range(5):
        rows.say(step, 3)
        news(page)
    assert page.evaluate("window.spoken") == 0
    rows.play(row, "pipeline", rows.done("pipeline"))
    news(page)
    assert page.evaluate("window.spoken") == 1


def test_focus_is_not_lost_with_the_button_that_had_it(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    rows.play(row, "pipeline", fail)
    page = visitor.open(cast.alice, address(row), clock=True)
    page.locator("#step-pipeline-retry").focus()
    rows.play(row, "pipeline", rows.done("pipeline"))
    news(page)
    expect(page.locator("#step-pipeline-retry")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "step-pipeline-summary"


def test_a_lost_connection_is_said_and_caught_up_with(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    notice = page.locator("#connection")
    expect(notice).to_be_hidden()
    page.context.set_offline(True)
    page.clock.run_for(8_000)
    expect(notice).to_contain_text("The connection to Onramp is lost.")
    rows.play(row, "pipeline", rows.done("pipeline"))
    rows.play(row, "metrics", rows.done("metrics"))
    page.context.set_offline(False)
    news(page)
    expect(notice).to_be_hidden()
    expect(page.locator("#progress")).to_contain_text("3 of 12 steps")
    assert all("ERR_INTERNET_DISCONNECTED" in one or "htmx" in one for one in visitor.complaints)
    visitor.complaints.clear()


def test_the_last_answer_ends_the_asking(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), clock=True)
    with transaction.atomic():
        progress.end(progress.lock(row.pk), "done")  # type: ignore[arg-type]
    news(page)
    expect(page.locator("#headline")).to_contain_text("Onboarded")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)
    assert asked == []


def test_a_running_clock_goes_on_and_stops_with_the_connection(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    Step.objects.filter(run=row.run, name="pipeline").update(
        state="running", began_at="2026-01-01T00:00Z", lease_until="2126-01-01T00:00Z"
    )
    with transaction.atomic():
        progress.touch(row.run)
    page = visitor.open(cast.alice, address(row), clock=True)
    clock = page.locator("#step-pipeline-head time[data-since]")
    first = clock.inner_text()
    page.clock.run_for(1_000 * 60 * 3)
    assert clock.inner_text() != first or "day" in first


def test_times_are_in_the_readers_zone(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    page = visitor.open(cast.alice, address(row), timezone_id="Asia/Tokyo", locale="en-GB")
    expect(page.locator("#facts time").first).not_to_contain_text("UTC")


def test_without_a_script_it_is_all_there(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    rows.play(row, "pipeline", fail)
    page = visitor.open(cast.alice, address(row), java_script_enabled=False)
    expect(page.locator("#step-pipeline-more")).to_have_attribute("open", "")
    expect(page.locator("#facts time").first).to_contain_text("UTC")
    page.click("#step-pipeline-retry")
    expect(page.locator("#step-pipeline")).to_contain_text("In progress")


def test_the_keyboard_reaches_everything(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    rows.play(row, "pipeline", fail)
    page = visitor.open(cast.alice, address(row))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const e = document.activeElement; const s = getComputedStyle(e);
                return [e.id || e.textContent.trim().slice(0, 30), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2, e === document.body]; }"""
        )
        if found[2]:
            break
        assert found[1], f"the focus on {found[0]} cannot be seen"
        reached.add(found[0])
    assert {"step-access-summary", "step-pipeline-summary", "step-pipeline-retry", "Cancel this run …"} <= reached


def test_a_log_follows_until_somebody_scrolls_up(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    step = rows.play(row, "pipeline", fail)
    rows.say(step, 200)
    page = visitor.open(cast.alice, address(row), clock=True)
    attempt = step.attempts.get().pk
    page.click(f"#attempt-{attempt}-summary")
    at_end = f"() => {{ const f = document.getElementById('log-{attempt}-frame'); return f.scrollHeight - f.scrollTop - f.clientHeight < 8; }}"
    page.wait_for_function(at_end)
    rows.say(step, 20)
    news(page)
    page.wait_for_function(at_end)
    page.locator(f"#log-{attempt}-frame").evaluate("frame => { frame.scrollTop = 10; }")
    page.wait_for_timeout(100)
    rows.say(step, 20)
    news(page)
    assert page.locator(f"#log-{attempt}-frame").evaluate("frame => frame.scrollTop") == 10


def test_the_outcome_of_a_wait_shows_without_a_reload(cast: Cast, row: Onboarding, visitor: Visitor) -> None:
    for name in rows.ORDER[1:8]:
        rows.play(row, name, rows.done(name))
    rows.play(row, "merge", Wait("Look at pull request #7 and merge it.", 30, Move.TEAM, [("#7", "http://x/7")]))
    page = visitor.open(cast.alice, address(row), clock=True)
    expect(page.locator("#headline")).to_contain_text("Look at pull request #7")
    rows.play(row, "merge", Done("Pull request #7 was merged."))
    news(page)
    expect(page.locator("#step-merge-head")).to_contain_text("Done")
