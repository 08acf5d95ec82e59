"""A cause is joined by one run while its last one leaves it: each sees what the other has done, and no run waits for ever."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from catalog.models import Team
from engine import claims, completion, execution, interventions, registry, runs
from engine.context import Work
from engine.models import Move, Run, Step, StepState
from engine.outcomes import Outcome
from engine.registry import StepKind
from onboarding.blockers import causes, lifecycle
from onboarding.blockers.causes import Cause, Check
from onboarding.models import Blocker, BlockerState
from tests.engine.conftest import wait_for_lock
from tests.journey.conftest import World

KIND = "racing"
NEVER = causes.register("never-clear", title="It never clears", check=lambda _: Check(False, "Not yet."))


def blocked(_: Work) -> Outcome:
    cause = Cause(
        NEVER, "acme/shop", Move.TEAM, "It is red", "The build fails.", "It is green.", team=Team.objects.first()
    )
    return lifecycle.blocked(cause)


@pytest.fixture(autouse=True)
def kind(world: World) -> None:
    registry.register(KIND, [StepKind("meet", "Meet", "source", (), blocked)])


def start() -> Step:
    with transaction.atomic():
        run = runs.start(KIND)
    return Step.objects.get(run=run)


def watch() -> Step:
    """The step that watches over the open blocker."""
    return Step.objects.get(run=Blocker.objects.get(kind=NEVER.name, state=BlockerState.OPEN).pk)


def in_thread(step: Step) -> threading.Thread:
    def perform() -> None:
        execution.execute(step.pk)
        connection.close()

    return threading.Thread(target=perform)


def left_by_its_only_run() -> Step:
    """The watch over a blocker that nobody waits for any more; it is due."""
    first = start()
    execution.execute(first.pk)
    interventions.cancel(first.run_id, person="alice")
    return watch()


def test_a_cause_that_is_joined_at_the_last_moment_is_not_left() -> None:
    """The watch has seen that nobody waits, and waits for the lock that the joining run holds."""
    leaving = left_by_its_only_run()
    second = start()
    claimed = claims.claim(second.pk)
    assert claimed is not None
    thread = in_thread(leaving)
    with transaction.atomic():
        completion.complete(claimed, blocked(Work(claimed)))
        thread.start()
        wait_for_lock()
    thread.join()
    second.refresh_from_db()
    assert second.state == StepState.BLOCKED
    assert Blocker.objects.get(pk=second.blocked_by_id).state == BlockerState.OPEN
    leaving.refresh_from_db()
    assert leaving.state == StepState.WAITING


def test_a_cause_that_is_being_left_is_not_joined() -> None:
    """The joining run waits for the lock that the watch holds, and then opens the cause again."""
    leaving = claims.claim(left_by_its_only_run().pk)
    assert leaving is not None
    second = start()
    thread = in_thread(second)
    registry.kind(leaving.run.kind, leaving.name)
    with transaction.atomic():
        ending = registry.kind(leaving.run.kind, leaving.name).perform(Work(leaving))
        thread.start()
        wait_for_lock()
    completion.complete(leaving, ending)
    thread.join()
    second.refresh_from_db()
    assert second.state == StepState.BLOCKED
    assert second.blocked_by_id != leaving.run_id
    assert Blocker.objects.get(pk=second.blocked_by_id).state == BlockerState.OPEN
    assert Run.objects.get(pk=leaving.run_id).state == "done"


@pytest.mark.parametrize("close", [lifecycle.decline, lifecycle.resume])
@pytest.mark.parametrize("click", [interventions.cancel, interventions.rerun])
def test_a_run_that_somebody_changes_while_its_blocker_closes_is_left_alone(
    close: Callable[[Blocker, str], int], click: Callable[..., None]
) -> None:
    step = start()
    execution.execute(step.pk)
    blocker = Blocker.objects.get(pk=watch().run_id)
    counts: list[int] = []

    def close_blocker() -> None:
        with transaction.atomic():
            counts.append(close(blocker, "Closed."))
        connection.close()

    thread = threading.Thread(target=close_blocker)
    with transaction.atomic():
        click(step.run_id, *([step.name] if click is interventions.rerun else []), person="alice")
        before = Run.objects.get(pk=step.run_id).state, Step.objects.get(pk=step.pk).state
        thread.start()
        wait_for_lock()
    thread.join()
    assert counts == [0]
    assert (Run.objects.get(pk=step.run_id).state, Step.objects.get(pk=step.pk).state) == before
