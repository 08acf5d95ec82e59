"""The queue for a provider's turn: its order, its line, and what becomes of those who do not come back."""

import dataclasses
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from engine import waking
from engine.models import StepState
from integrations import http, turns
from integrations.errors import Queued, Transient
from integrations.http import Call
from integrations.models import Place, ProviderLimit
from integrations.throttle import Throttle
from onboarding.actions import onboardings
from onboarding.models import Onboarding
from tests.journey.conftest import World
from tests.journey.engine import step

PROVIDER = "github"
SPACING = 0.01


@dataclass(frozen=True)
class Waiter:
    pk: int
    share: str = "storefront"


@dataclass
class Crowd:
    """Steps that are performed by one thread each, come back when they are called, and record whose changes were made."""

    changes: list[int] = field(default_factory=list)
    called: dict[int, threading.Event] = field(default_factory=lambda: defaultdict(threading.Event))
    errors: list[Exception] = field(default_factory=list)
    most_in_line: int = 0

    def call(self, waiter: int) -> bool:
        self.called[waiter].set()
        return True

    def perform(self, waiter: Waiter, count: int, seconds: float) -> None:
        try:
            while not self._performed(waiter, count, seconds):
                self.called[waiter.pk].wait(10)
                self.called[waiter.pk].clear()
        except Exception as error:
            self.errors.append(error)
        finally:
            connection.close()

    def _performed(self, waiter: Waiter, count: int, seconds: float) -> bool:
        try:
            with http.turn(PROVIDER, waiter), http.deadline(time.monotonic() + http.TIMEOUT):
                for _ in range(count):
                    change(seconds)
                    self.changes.append(waiter.pk)
                present = Place.objects.filter(present_until__gt=Now()).count()
                self.most_in_line = max(self.most_in_line, present)
        except Queued:
            return False
        return True


def change(seconds: float = 0) -> None:
    with http.exchange(PROVIDER, "POST", "http://127.0.0.1:9/") as call:
        time.sleep(seconds)
        call.status = 201


@pytest.fixture
def crowd(world: World) -> Iterator[Crowd]:
    crowd = Crowd()
    turns._pace.clear()
    turns.set_caller(crowd.call)
    http.set_gate(Throttle({PROVIDER: SPACING}))
    yield crowd
    http.set_gate(None)
    turns.set_caller(waking.wake_step)


@contextmanager
def in_turn(waiter: Waiter) -> Iterator[None]:
    """Somebody else has the turn, in another process."""
    with Throttle({PROVIDER: SPACING}).turn(PROVIDER, waiter):
        yield


def sent_away(waiter: Waiter) -> Queued:
    with pytest.raises(Queued) as queued, http.turn(PROVIDER, waiter):
        raise AssertionError(f"{waiter} has the turn")
    return queued.value


def fill_line() -> list[Place]:
    """With the one that has the turn, these are all that may wait in place."""
    until = Now() + timedelta(minutes=1)
    create = Place.objects.create
    return [create(provider=PROVIDER, number=0, present_until=until, kept_until=until) for _ in range(turns.LINE - 1)]


def test_many_effects_of_several_changes_are_made_at_the_first_try(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All changes together take longer than a call may: a wait within the call would use up its time."""
    monkeypatch.setattr(http, "TIMEOUT", 2.0)
    steps = [Waiter(pk) for pk in range(1, 9)]
    with ThreadPoolExecutor(len(steps)) as pool:
        for each in steps:
            pool.submit(crowd.perform, each, 3, 0.15)
    assert crowd.errors == []
    assert [len(list(group)) for _, group in itertools.groupby(crowd.changes)] == [3] * len(steps)
    assert crowd.most_in_line <= turns.LINE, "no more workers wait than those who come next"
    assert not Place.objects.exists()
    assert ProviderLimit.objects.get().changes == 3 * len(steps)


def test_another_team_comes_next(crowd: Crowd) -> None:
    """However many runs of the first team are ahead, and wherever they wait."""
    with in_turn(Waiter(1)):
        fill_line()
        for pk in range(2, 6):
            sent_away(Waiter(pk))
        sent_away(Waiter(7, "payments"))
        sent_away(Waiter(8, "payments"))
        sent_away(Waiter(6))
    order = Place.objects.exclude(waiter=None).order_by("number", "id")
    assert list(order.values_list("waiter", flat=True)) == [7, 2, 8, 3, 4, 5, 6]


def test_a_step_goes_on_before_the_others_of_its_team_but_not_for_ever(crowd: Crowd) -> None:
    for pk in range(1, 5):
        away(pk, number=pk)
    numbers = []
    for _ in range(6):
        with http.turn(PROVIDER, Waiter(1)):
            numbers.append(Place.objects.get(waiter=1).number)
    assert numbers == [1, 1.25, 1.5, 1.75, 2, 2.25]


def away(pk: int, number: float) -> Place:
    """The place of a step that was sent away."""
    return Place.objects.create(
        provider=PROVIDER,
        waiter=pk,
        share="storefront",
        number=number,
        present_until=Now(),
        kept_until=Now() + timedelta(minutes=1),
    )


def test_a_step_that_was_sent_away_keeps_its_place_and_is_called(crowd: Crowd) -> None:
    with in_turn(Waiter(1)):
        fill_line()
        assert sent_away(Waiter(2)).retry_after >= turns.RETURN, "it comes back even if the call is lost"
        place = Place.objects.get(waiter=2)
        sent_away(Waiter(2))
        again = Place.objects.get(waiter=2)
        assert (again.pk, again.number, again.since) == (place.pk, place.number, place.since)
        assert not crowd.called[2].is_set()
        Place.objects.filter(waiter=None).delete()
    assert crowd.called[2].is_set()
    with http.turn(PROVIDER, Waiter(2)):
        assert ProviderLimit.objects.get().turn == place.pk
    assert not Place.objects.exists()


def test_whoever_is_called_is_called_once_and_makes_room_when_late(crowd: Crowd) -> None:
    with in_turn(Waiter(1)):
        fill_line()
        for pk in range(2, 6):
            sent_away(Waiter(pk))
        Place.objects.filter(waiter=None).delete()
    called = [pk for pk in range(2, 6) if crowd.called[pk].is_set()]
    assert called == [2], "nobody is present to take the turn, so one comes"
    with http.turn(PROVIDER, Waiter(6, "payments")):
        assert [pk for pk in range(2, 6) if crowd.called[pk].is_set()] == [2, 3], "and the line is filled again"
        Place.objects.filter(waiter__in=called).update(called_at=Now() - timedelta(seconds=turns.COMING))
    crowd.called[2].clear()
    with http.turn(PROVIDER, Waiter(7, "payments")):
        assert crowd.called[4].is_set()
        assert not crowd.called[2].is_set()


def test_those_who_need_long_to_come_are_called_early(crowd: Crowd) -> None:
    """They read for longer than a turn takes: with no more than a line of them on their way, the provider would wait."""
    for pk in range(2, 20):
        away(pk, number=pk)
    for _ in range(4):
        Place.objects.filter(waiter=2).update(called_at=Now() - timedelta(seconds=10))
        with in_turn(Waiter(1)):
            line = fill_line()
            sent_away(Waiter(2))
            Place.objects.filter(pk__in=[place.pk for place in line]).delete()
        Place.objects.update(called_at=None)
    with http.turn(PROVIDER, Waiter(20, "payments")):
        assert Place.objects.filter(called_at__isnull=False).count() == turns.MOST - 1


def test_a_place_that_nobody_comes_for_is_dropped(crowd: Crowd) -> None:
    turns.set_caller(lambda waiter: waiter == 3)
    with in_turn(Waiter(1)):
        fill_line()
        for pk in (2, 3, 4):
            sent_away(Waiter(pk))
        Place.objects.filter(waiter=4).update(kept_until=Now())
        Place.objects.filter(waiter=None).delete()
    assert list(Place.objects.values_list("waiter", flat=True)) == [3], (
        "2 is gone for good, 4 was not seen for too long"
    )
    assert Place.objects.get().kept_until < Place.objects.get().since + timedelta(seconds=2 * turns.KEPT)


def test_those_who_are_present_go_before_those_who_are_not(crowd: Crowd) -> None:
    away(1, number=-1)
    with http.turn(PROVIDER, Waiter(2)):
        assert ProviderLimit.objects.get().turn == Place.objects.get(waiter=2).pk


def test_two_that_ask_at_the_same_moment_do_not_both_have_the_turn(crowd: Crowd) -> None:
    """Both saw that it was free."""
    first, second = away(1, number=0), away(2, number=1)
    assert turns._take(PROVIDER, Waiter(1), first.pk, 0) is not None
    assert turns._take(PROVIDER, Waiter(2), second.pk, 1) is None
    assert ProviderLimit.objects.get().turn == first.pk


def test_changes_within_a_turn_are_spaced(crowd: Crowd) -> None:
    http.set_gate(Throttle({PROVIDER: 0.2}))
    with http.turn(PROVIDER, Waiter(1)):
        since = Place.objects.get().since
        for _ in range(3):
            change()
        assert ProviderLimit.objects.get().busy_until is not None, "the turn lasts"
    next_at = ProviderLimit.objects.get().next_at
    assert next_at is not None
    assert next_at - since >= timedelta(seconds=3 * 0.2)
    with http.turn(PROVIDER, Waiter(2)):
        assert not ProviderLimit.objects.filter(next_at__gt=Now()).exists(), "the wait is no part of the turn"


def test_a_late_end_of_a_turn_frees_nobody_elses(crowd: Crowd) -> None:
    """A stopped process continues after its turn was over, and another one has it: even one that performs the same step."""
    late, others = Throttle({PROVIDER: SPACING}), Throttle({PROVIDER: SPACING})
    with late.turn(PROVIDER, Waiter(1)):
        ProviderLimit.objects.update(busy_until=Now())
        after, elsewhere = others.turn(PROVIDER, Waiter(1)), copy_context()
        elsewhere.run(after.__enter__)
        held = ProviderLimit.objects.get()
    assert ProviderLimit.objects.get().busy_until == held.busy_until
    assert Place.objects.filter(waiter=1).exists()
    elsewhere.run(after.__exit__, None, None, None)
    assert ProviderLimit.objects.get().busy_until is None


def test_the_turn_of_a_dead_process_ends_once_its_calls_would_have(crowd: Crowd) -> None:
    dead, elsewhere = in_turn(Waiter(1)), copy_context()
    elsewhere.run(dead.__enter__)
    bound = Now() + timedelta(seconds=http.TIMEOUT + turns.MARGIN)
    assert ProviderLimit.objects.filter(busy_until__gt=Now(), busy_until__lte=bound).exists()
    ProviderLimit.objects.update(busy_until=Now())
    with http.turn(PROVIDER, Waiter(2)):
        pass
    elsewhere.run(dead.__exit__, None, None, None)


def test_no_call_begins_after_its_turn(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", 0.2)
    with http.recording() as calls, http.turn(PROVIDER, Waiter(1)), http.deadline(time.monotonic() + 60):
        time.sleep(0.3)  # the process was stopped
        with pytest.raises(Transient, match="no time was left"):
            change()
    assert calls == []


def test_a_request_for_which_no_time_was_left_gives_its_turn_back(crowd: Crowd) -> None:
    with http.deadline(time.monotonic()), pytest.raises(Transient):
        change()
    limit = ProviderLimit.objects.get()
    assert (limit.busy_until, limit.failures) == (None, 0)


def test_a_turn_that_cannot_be_ended_does_not_undo_what_was_done_in_it(crowd: Crowd) -> None:
    """It ends automatically."""
    turn = turns.take(PROVIDER, Waiter(1), SPACING, None, lambda: None)
    turns.leave(dataclasses.replace(turn, place=2**70))  # no number that the database knows
    assert ProviderLimit.objects.get().turn == turn.place


def test_nobody_waits_while_the_provider_is_paused(crowd: Crowd) -> None:
    with in_turn(Waiter(1)):
        http.set_gate(throttle := Throttle({PROVIDER: SPACING}))
        throttle.leave(PROVIDER, Call(PROVIDER, "GET", "", sent=True, status=429, pause=60))
        with pytest.raises(Transient, match="rate limit"), http.turn(PROVIDER, Waiter(2)):
            raise AssertionError("it has the turn")


@contextmanager
def access_waits_for_its_turn(world: World) -> Iterator[Onboarding]:
    """A run whose only step waits for its turn behind another team; at the end of the block, nobody is in front of it."""
    run = world.start(world.actors.repository())
    world.engine.limit_to("access")
    http.set_gate(Throttle({PROVIDER: SPACING}))
    try:
        with in_turn(Waiter(0, "payments")):
            fill_line()
            world.engine.drain()
            yield run
            Place.objects.filter(waiter=None).delete()
        world.engine.drain()
    finally:
        http.set_gate(None)


def test_a_step_is_performed_as_soon_as_it_is_called(world: World) -> None:
    with access_waits_for_its_turn(world) as run:
        assert step(run, "access").state == StepState.WAITING
    assert step(run, "access").state == StepState.DONE


def test_the_place_of_a_cancelled_run_is_dropped(world: World) -> None:
    with access_waits_for_its_turn(world) as run:
        onboardings.cancel(world.alice, run)
    assert not Place.objects.exists()
