"""The words of pages: lists, plurals, sentences, lengths of time, and the status of a step."""

from datetime import timedelta

import pytest

from engine.models import Move, Step, StepState
from onboarding.pages import wording
from onboarding.pages.wording import Reader
from tests.unit.onboarding.runs import step

MEMBER = Reader(on_team=True, is_platform=False, team_name="Storefront")
PLATFORM = Reader(on_team=False, is_platform=True, team_name="Storefront")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "under 1 s"),
        (0.9, "under 1 s"),
        (1, "1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (599, "9 min 59 s"),
        (600, "10 min"),
        (659, "10 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (5_400, "1 h 30 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 day"),
        (90_000, "1 day 1 h"),
        (172_800, "2 days"),
    ],
)
def test_a_length_of_time_has_at_most_two_units(seconds: float, text: str) -> None:
    assert wording.span(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_with_commas_and_a_final_and(names: list[str], text: str) -> None:
    assert wording.listed(iter(names)) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_only_one_is_singular(count: int, text: str) -> None:
    assert wording.plural(count, "file") == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", ""), (" It failed ", "It failed."), ("Really?", "Really?"), ("Wait…", "Wait…"), ("“No.”", "“No.”")],
)
def test_a_sentence_ends_with_one_stop(text: str, sentence: str) -> None:
    assert wording.sentence(text) == sentence


def test_only_the_first_letter_is_capitalised() -> None:
    assert wording.capitalise("the URL") == "The URL"
    assert wording.capitalise("") == ""


def test_a_number_is_the_link_of_a_pull_request() -> None:
    assert wording.link("#12", "https://x") == ("pull request #12", "https://x")
    assert wording.link("PLAT-1", "https://x") == ("PLAT-1", "https://x")


@pytest.mark.parametrize(
    ("reader", "move", "whose"),
    [
        (MEMBER, Move.TEAM, "Your move"),
        (MEMBER, Move.PLATFORM, "The platform team’s move"),
        (MEMBER, Move.MACHINE, "Onramp’s move"),
        (PLATFORM, Move.PLATFORM, "Your move"),
        (PLATFORM, Move.TEAM, "Storefront’s move"),
    ],
)
def test_a_move_is_named_from_the_readers_point_of_view(reader: Reader, move: Move, whose: str) -> None:
    assert reader.whose(move) == whose


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (step("merge", StepState.WAITING, Move.TEAM), True),
        (step("merge", StepState.WAITING, Move.MACHINE), False),
        (step("merge", StepState.BLOCKED, Move.PLATFORM), True),
        (step("merge", StepState.FAILED), True),
        (step("merge", StepState.RUNNING), False),
        (step("merge", StepState.DONE), False),
    ],
    ids=lambda value: f"{value.state} {value.move}" if isinstance(value, Step) else str(value),
)
def test_a_step_needs_a_person_unless_onramp_proceeds_with_it(row: Step, expected: bool) -> None:
    assert wording.needs_person(row) == expected


@pytest.mark.parametrize("state", StepState)
def test_every_state_has_a_status_with_an_icon(state: StepState) -> None:
    status = wording.status(step("merge", state, Move.TEAM), MEMBER, held_up=False)
    assert status.word
    assert status.icon


def test_a_waiting_step_names_whom_it_waits_for() -> None:
    assert wording.status(step("merge", StepState.WAITING, Move.TEAM), MEMBER, held_up=False).word == "Waiting for you"
    assert wording.status(step("build", StepState.WAITING), MEMBER, held_up=False).word == "In progress"


def test_a_step_after_one_that_needs_a_person_cannot_start_yet() -> None:
    later = step("deploy", StepState.NOT_STARTED)
    assert wording.status(later, MEMBER, held_up=True).word == "Cannot start yet"
    assert wording.status(later, MEMBER, held_up=False).word == "Not started"
