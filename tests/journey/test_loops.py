"""A condition that holds although the cause remains: after two returns the step waits for people."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from catalog.models import Team
from engine import registry, runs
from engine.context import Work
from engine.models import Move, Run, Step, StepState
from engine.outcomes import Done, Outcome
from engine.registry import StepKind
from onboarding.blockers import causes, lifecycle
from onboarding.blockers.causes import Cause, Check
from onboarding.models import Blocker, BlockerState
from tests.journey.conftest import World

KIND, KIND_OF_CAUSE = "looping", "hook-refused"


class Loop:
    """Runs of one step that meets the cause until it is `mended`. What is checked is something weaker, and `holds`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.mended = False
        self.holds = True
        self.holds_after_meeting = True
        self.met = 0
        self.owner = Move.TEAM
        self.kind = causes.register("hook-refused", title="A hook is refused", check=lambda _: self.check())

    def check(self) -> Check:
        return Check(self.holds, "Onramp can write." if self.holds else "Onramp cannot write.")

    def perform(self, work: Work) -> Outcome:
        if self.mended:
            return Done("The hook exists.")
        self.met += 1
        self.holds = self.holds_after_meeting
        return lifecycle.blocked(self.cause(Team.objects.get(key="acme-storefront")))

    def cause(self, team: Team) -> Cause:
        return Cause(
            kind=self.kind,
            object="acme/shop",
            owner=self.owner,
            summary="The hook of acme/shop is refused",
            explanation="Onramp's account needs more rights.",
            clears_when="Onramp can write to acme/shop.",
            team=team,
        )

    def start(self) -> Step:
        with transaction.atomic():
            run = runs.start(KIND)
        self.world.engine.drain()
        return Step.objects.get(run=run)

    def poll(self) -> None:
        self.world.engine.poll(6)


@pytest.fixture
def loop(world: World) -> Iterator[Loop]:
    loop = Loop(world)
    registry.register(KIND, [StepKind("hook", "Hook", "source", (), loop.perform)])
    yield loop
    del registry._kinds[KIND, "hook"]


@pytest.mark.parametrize("owner", [Move.TEAM, Move.PLATFORM])
def test_a_step_that_comes_straight_back_twice_stops_with_its_ticket_and_history(loop: Loop, owner: Move) -> None:
    loop.owner = owner
    step = loop.start()
    loop.poll()
    assert loop.met == 3
    assert Blocker.objects.filter(kind=KIND_OF_CAUSE).count() == 3
    blocker = Blocker.objects.get(kind=KIND_OF_CAUSE, state=BlockerState.OPEN)
    step.refresh_from_db()
    assert (step.state, step.move, step.blocked_by_id) == (StepState.BLOCKED, Move.PLATFORM, blocker.pk)
    assert "This has cleared 2 times" in step.reason
    assert step.links == [[blocker.ticket_key, blocker.ticket_url]]
    body = loop.world.actors.ticket(blocker.ticket_key)["description"]
    assert body.count("Onramp can write.") == 2, "the history"
    assert "nothing resumes until you resolve this ticket" in body


def test_it_goes_on_once_people_have_resolved_the_ticket(loop: Loop) -> None:
    step = loop.start()
    loop.poll()
    blocker = Blocker.objects.get(kind=KIND_OF_CAUSE, state=BlockerState.OPEN)
    loop.mended = True
    loop.poll()
    assert Run.objects.get(pk=step.run_id).state == "active", "Onramp cannot know that it is mended"
    loop.world.actors.press(blocker.ticket_key, "done")
    loop.poll()
    blocker.refresh_from_db()
    assert blocker.state == BlockerState.CLEARED
    assert blocker.closing_message == f"{blocker.ticket_key} was closed. Onramp can write."
    assert Run.objects.get(pk=step.run_id).state == "done"


def test_after_each_decision_of_people_it_is_tried_once(loop: Loop) -> None:
    loop.start()
    loop.poll()
    for tried in (4, 5):
        loop.world.actors.press(Blocker.objects.get(kind=KIND_OF_CAUSE, state=BlockerState.OPEN).ticket_key, "done")
        loop.poll()
        assert loop.met == tried
    blocker = Blocker.objects.get(kind=KIND_OF_CAUSE, state=BlockerState.OPEN)
    assert [clearing.ticket_key for clearing in blocker.clearings] == [
        *Blocker.objects.filter(kind=KIND_OF_CAUSE, state=BlockerState.CLEARED)
        .order_by("closed_at")
        .values_list("ticket_key", flat=True)
    ]


def test_the_same_cause_much_later_is_no_loop(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "SOON", timedelta(0))
    loop.holds = loop.holds_after_meeting = False
    loop.start()
    for _ in range(4):
        loop.holds = True
        loop.poll()
    assert loop.met == 5
    assert not Blocker.objects.exclude(history=[]).exists()


def test_another_run_with_the_same_cause_is_no_loop(loop: Loop) -> None:
    loop.start()
    loop.poll()
    loop.mended = True
    loop.world.actors.press(Blocker.objects.get(kind=KIND_OF_CAUSE, state=BlockerState.OPEN).ticket_key, "done")
    loop.poll()
    loop.mended, loop.met = False, 0
    loop.start()
    loop.poll()
    assert loop.met == 3, "it has its own two returns"
