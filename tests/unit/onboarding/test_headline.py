"""The headline of a run: its state in one sentence, and whose move it is."""

import pytest

from engine.models import Move, Run, RunState, Step, StepState
from onboarding.models import RunKind
from onboarding.pages import headline
from onboarding.pages.headline import Headline
from onboarding.pages.wording import Reader
from tests.unit.onboarding.runs import onboarding, step

MEMBER = Reader(on_team=True, is_platform=False, team_name="Storefront")
OUTSIDER = Reader(on_team=False, is_platform=False, team_name="Storefront")
FAILED = step("build", StepState.FAILED, Move.TEAM, reason="The test broke")
BLOCKED = step(
    "namespace", StepState.BLOCKED, Move.PLATFORM, reason="The allowance is used up", links=[["PLAT-1", "https://j/1"]]
)
WAITING = step("merge", StepState.WAITING, Move.TEAM, reason="Review #1 and merge it", links=[["#1", "https://g/1"]])
RUNNING = step("access", StepState.RUNNING)


def read(*steps: Step, reader: Reader = MEMBER, state: RunState = RunState.ACTIVE) -> Headline:
    return headline.headline(onboarding(state), steps, reader)


@pytest.mark.parametrize(
    ("state", "short", "text"),
    [
        (RunState.DONE, "Onboarded", "Onboarded: acme/shop is built, deployed and monitored."),
        (RunState.CANCELLED, "Cancelled", "Cancelled. Everything created until then is listed below."),
        (RunState.DECLINED, "Declined", "Ended without being finished. Somebody decided against it."),
    ],
)
def test_an_ended_run_is_nobodys_move(state: RunState, short: str, text: str) -> None:
    ended = read(state=state)
    assert (ended.short, ended.text, ended.ended, ended.mine) == (short, text, True, False)


def test_a_declined_run_gives_the_reason_of_its_step() -> None:
    declined = step("merge", StepState.DECLINED, reason="The pull request was closed")
    assert read(declined, state=RunState.DECLINED).text.endswith("finished. The pull request was closed.")


def test_a_run_that_has_not_begun_is_about_to_start() -> None:
    assert read(step("access", StepState.NOT_STARTED)).text == "About to start."


def test_steps_in_progress_are_listed_by_their_titles() -> None:
    titles = [headline.title(onboarding().run, each) for each in (RUNNING, step("pipeline", StepState.READY))]
    view = read(RUNNING, step("pipeline", StepState.READY))
    assert view.text == f"In progress: {titles[0]} and {titles[1]}."
    assert (view.whose, view.mine) == ("Onramp’s move", False)


def test_the_only_step_in_progress_gives_its_reason() -> None:
    assert read(step("build", StepState.WAITING, reason="The build is running")).text == "The build is running."


def test_a_waiting_step_shows_its_link_to_the_person_who_must_act() -> None:
    view = read(WAITING)
    assert (view.text, view.short, view.mine) == ("Review #1 and merge it.", "Your move", True)
    assert view.link == ("pull request #1", "https://g/1")


def test_other_readers_see_whom_a_step_waits_for_and_no_link() -> None:
    view = read(WAITING, reader=OUTSIDER)
    assert (view.whose, view.short, view.mine, view.link) == ("Storefront’s move", "Waiting", False, None)


def test_a_failed_step_is_named() -> None:
    view = read(FAILED)
    assert view.text == f"“{headline.title(onboarding().run, FAILED)}” failed. The test broke."
    assert (view.short, view.icon) == ("Failed", "problem")


def test_a_blocked_step_names_who_must_act() -> None:
    view = read(BLOCKED)
    assert view.text == "Waiting for the platform team. The allowance is used up."
    assert (view.short, view.mine, view.link) == ("Blocked", False, None)


def test_the_teams_move_comes_before_the_platform_teams() -> None:
    assert read(BLOCKED, WAITING).short == "Your move"


def test_the_teams_most_urgent_step_comes_first() -> None:
    assert read(WAITING, FAILED).short == "Failed"


def test_a_persons_move_comes_before_steps_in_progress() -> None:
    assert read(RUNNING, BLOCKED).short == "Blocked"


def test_a_step_of_another_version_keeps_its_name() -> None:
    assert headline.title(Run(kind=RunKind.ONBOARDING), step("fly_to_moon", StepState.READY)) == "Fly to moon"
