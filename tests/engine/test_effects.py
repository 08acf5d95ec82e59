"""Changes outside: never twice, never zero. The provider is a list that loses answers on demand."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from database import clock
from engine import effects, runs
from engine.effects import Made
from engine.models import Effect, EffectState, Step
from engine.outcomes import Ambiguous, Lost, NotDone, NotYetVisible, Retry
from tests.engine.conftest import Diamond, expire_lease, wait_for_lock

pytestmark = pytest.mark.django_db(transaction=True)


class Provider:
    """Creates objects, and finds them again; its answers may be lost, and a search may lag."""

    def __init__(self) -> None:
        self.objects: list[str] = []
        self.loses_answers = False
        self.loses_requests = False
        self.refuses = False
        self.search_lags = False

    def create(self) -> Made:
        if self.loses_requests:
            raise Ambiguous("time-out")
        if self.refuses:
            raise NotDone(PermissionError("not allowed"))
        self.objects.append("ours")
        if self.loses_answers:
            raise Ambiguous("time-out")
        return Made({"number": len(self.objects)})

    def find(self) -> Made | None:
        return Made({"number": 1}) if self.objects and not self.search_lags else None


@pytest.fixture
def provider() -> Provider:
    return Provider()


def ensure(step: Step, provider: Provider) -> Made:
    return effects.ensure(
        step,
        "object",
        "the object",
        find=provider.find,
        create=provider.create,
        visible_after=timedelta(seconds=20),
    )


def test_an_effect_is_created_once_and_remembered(held: Step, provider: Provider) -> None:
    assert ensure(held, provider).reference == {"number": 1}
    assert ensure(held, provider).reference == {"number": 1}
    assert provider.objects == ["ours"]
    assert Effect.objects.get().tries == 1


def test_an_object_that_already_exists_is_adopted(held: Step, provider: Provider) -> None:
    provider.objects.append("somebody else's")
    ensure(held, provider)
    assert provider.objects == ["somebody else's"]


def test_after_a_lost_answer_the_effect_is_found(held: Step, provider: Provider) -> None:
    provider.loses_answers = True
    with pytest.raises(Retry):
        ensure(held, provider)
    assert Effect.objects.get().state == EffectState.INTENDED
    assert ensure(held, provider).reference == {"number": 1}
    assert provider.objects == ["ours"]


def test_not_found_counts_only_once_the_effect_would_be_visible(held: Step, provider: Provider) -> None:
    provider.loses_answers = True
    with pytest.raises(Retry):
        ensure(held, provider)
    provider.search_lags = True
    with pytest.raises(NotYetVisible) as not_yet:
        ensure(held, provider)
    assert 0 < not_yet.value.seconds <= 20
    assert provider.objects == ["ours"], "a search that lags must not lead to a duplicate"


def test_a_call_that_never_arrived_is_repeated_once_its_effect_would_be_visible(held: Step, provider: Provider) -> None:
    provider.loses_requests = True
    with pytest.raises(Retry):
        ensure(held, provider)
    provider.loses_requests = False
    Effect.objects.update(tried_at=Now() - timedelta(seconds=21))
    ensure(held, provider)
    assert provider.objects == ["ours"]
    assert Effect.objects.get().tries == 2


def test_a_clear_refusal_need_not_become_visible(held: Step, provider: Provider) -> None:
    provider.refuses = True
    with pytest.raises(PermissionError, match="not allowed"):
        ensure(held, provider)
    assert Effect.objects.get().state == EffectState.REFUSED
    provider.refuses = False
    assert ensure(held, provider).reference == {"number": 1}
    assert Effect.objects.values_list("state", "tries").get() == (EffectState.MADE, 2)


def test_a_lost_answer_after_a_refusal_must_become_visible_again(held: Step, provider: Provider) -> None:
    provider.refuses = True
    with pytest.raises(PermissionError):
        ensure(held, provider)
    provider.refuses, provider.loses_answers = False, True
    with pytest.raises(Retry):
        ensure(held, provider)
    provider.search_lags = True
    with pytest.raises(NotYetVisible):
        ensure(held, provider)
    assert provider.objects == ["ours"]


def test_a_worker_that_lost_the_step_makes_no_call(held: Step, provider: Provider) -> None:
    Step.objects.filter(pk=held.pk).update(epoch=held.epoch + 1)
    with pytest.raises(Lost):
        ensure(held, provider)
    assert provider.objects == []


def test_the_intent_is_stored_before_the_call(held: Step) -> None:
    stored: list[tuple[str, int]] = []

    def create() -> Made:
        stored.append(Effect.objects.values_list("state", "tries").get())
        return Made()

    effects.ensure(held, "object", "the object", create=create)
    assert stored == [("intended", 1)]


def test_the_time_of_a_call_counts_from_before_its_fence(held: Step) -> None:
    before = time.monotonic()
    fence_times: list[float] = []

    def create() -> Made:
        fence_times.append(effects.fence_time())
        return Made()

    effects.ensure(held, "object", "the object", create=create)
    assert before <= fence_times[0] <= time.monotonic()


def test_a_late_refusal_says_nothing_of_a_later_try(diamond: Diamond, held: Step, provider: Provider) -> None:
    """A worker that lost its step is woken by a refusal, while the answer to the next holder's call was lost."""

    def refuse_late() -> Made:
        expire_lease(held)
        next_holder = diamond.claim(held.run, "first")
        Effect.objects.update(tried_at=Now() - timedelta(seconds=21))
        provider.loses_answers = True
        with pytest.raises(Retry):
            ensure(next_holder, provider)
        raise NotDone(PermissionError("not allowed"))

    with pytest.raises(PermissionError):
        effects.ensure(held, "object", "the object", create=refuse_late, find=provider.find)
    assert Effect.objects.values_list("state", "tries").get() == (EffectState.INTENDED, 2)
    provider.loses_answers, provider.search_lags = False, True
    expire_lease(held)
    with pytest.raises(NotYetVisible):
        ensure(diamond.claim(held.run, "first"), provider)
    assert provider.objects == ["ours"]


def test_a_late_answer_does_not_replace_that_of_a_later_try(diamond: Diamond, held: Step, provider: Provider) -> None:
    def create_late() -> Made:
        expire_lease(held)
        Effect.objects.update(tried_at=Now() - timedelta(seconds=21))
        ensure(diamond.claim(held.run, "first"), provider)
        return Made({"number": 0})

    effects.ensure(held, "object", "the object", create=create_late)
    assert Effect.objects.get().reference == {"number": 1}


def test_an_answer_that_came_before_the_next_try_makes_it_needless(diamond: Diamond, held: Step) -> None:
    """The next holder has looked, found nothing, and is about to try; now the old one's answer is recorded."""

    def create_late() -> Made:
        expire_lease(held)
        Effect.objects.update(tried_at=Now() - timedelta(seconds=21))
        successors.append(diamond.claim(held.run, "first"))
        return Made({"number": 1})

    def record_and_find_nothing() -> None:
        effects._record(held, "object", "the object", Made({"number": 1}))

    successors: list[Step] = []
    with pytest.raises(RuntimeError, match="the process is stopped"):
        effects.ensure(held, "object", "the object", create=lambda: stop_after(create_late))
    with pytest.raises(Lost):
        effects.ensure(
            successors[0], "object", "the object", find=record_and_find_nothing, create=lambda: pytest.fail("it exists")
        )


def stop_after(call: Callable[[], Made]) -> Made:
    call()
    raise RuntimeError("the process is stopped")


def test_a_fence_renews_the_lease(held: Step) -> None:
    Step.objects.filter(pk=held.pk).update(lease_until=Now() + timedelta(seconds=1))

    def create() -> Made:
        held.refresh_from_db(fields=["lease_until"])
        return Made()

    effects.ensure(held, "object", "the object", create=create)
    assert held.lease_until is not None
    assert held.lease_until - clock.now() > timedelta(seconds=20)


def test_the_run_is_locked_before_its_effects(held: Step) -> None:
    """As by a re-run, which changes both: the two never wait for each other in a circle."""
    effects._intend(held, "object", "the object")

    def record() -> None:
        effects._record(held, "object", "the object", Made())
        connection.close()

    thread = threading.Thread(target=record)
    with transaction.atomic():
        runs.lock(held.run_id)
        thread.start()
        wait_for_lock()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
        Effect.objects.update(url="https://acme.example")
    thread.join()
    assert Effect.objects.get().state == EffectState.MADE


class Turn:
    """A context that writes down when it is entered and left, and may be refused."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.refused = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        if self.refused:
            raise ConnectionRefusedError
        self.events.append(f"entered, {Effect.objects.count()} intents")
        try:
            yield
        finally:
            self.events.append(f"left, {Effect.objects.filter(state=EffectState.MADE).count()} recorded")


def test_the_turn_is_taken_after_the_look_and_before_the_intent(held: Step) -> None:
    turn = Turn()

    def find() -> None:
        turn.events.append("looked")

    def create() -> Made:
        turn.events.append(f"called, {Effect.objects.count()} intents")
        return Made()

    effects.ensure(held, "object", "the object", find=find, create=create, turn=turn)
    assert turn.events == ["looked", "entered, 0 intents", "called, 1 intents", "left, 0 recorded"]


def test_the_time_of_a_call_counts_from_after_the_turn_was_taken(held: Step) -> None:
    entered: list[float] = []

    @contextmanager
    def turn() -> Iterator[None]:
        entered.append(time.monotonic())
        yield

    def create() -> Made:
        entered.append(effects.fence_time())
        return Made()

    effects.ensure(held, "object", "the object", create=create, turn=turn)
    assert entered == sorted(entered)


def test_no_turn_is_taken_for_what_exists(held: Step, provider: Provider) -> None:
    provider.objects.append("somebody else's")
    turn = Turn()
    for _ in range(2):
        effects.ensure(held, "object", "the object", find=provider.find, create=provider.create, turn=turn)
    assert turn.events == []


def test_a_turn_that_is_not_granted_leaves_no_trace_of_a_try(held: Step, provider: Provider) -> None:
    turn = Turn()
    turn.refused = True
    with pytest.raises(ConnectionRefusedError):
        effects.ensure(held, "object", "the object", create=provider.create, turn=turn)
    assert not Effect.objects.exists()
    turn.refused = False
    effects.ensure(held, "object", "the object", create=provider.create, turn=turn)
    assert provider.objects == ["ours"]


@pytest.mark.parametrize("fault", ["refuses", "loses_answers"])
def test_the_turn_is_left_on_every_error(held: Step, provider: Provider, fault: str) -> None:
    turn = Turn()
    setattr(provider, fault, True)
    with pytest.raises((Retry, PermissionError)):
        effects.ensure(held, "object", "the object", create=provider.create, turn=turn)
    assert [event.split(",")[0] for event in turn.events] == ["entered", "left"]
