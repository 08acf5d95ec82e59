"""What is registered with the engine at start-up."""

import pytest
from django.db import transaction

from engine import completion, execution, interventions, reconciler, registry, runs
from engine.models import Move, Run, RunState, Step
from engine.outcomes import Done, Wait
from engine.registry import StepKind
from events.models import Event
from tests.engine.conftest import KIND, Diamond, make_due


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Run, Step | None]]:
    """What a listener to changes of the diamond is called with."""
    changes: list[tuple[Run, Step | None]] = []
    monkeypatch.setattr(registry, "_listeners", {})
    registry.on_change(KIND, lambda run, step: changes.append((run, step)))
    return changes


def test_kinds_of_steps_keep_their_order(diamond: Diamond) -> None:
    assert [kind.name for kind in registry.kinds(KIND)] == ["first", "left", "right", "last"]
    assert registry.kinds("a kind that nobody registered") == []


def test_a_kind_is_known_only_within_its_kind_of_run(diamond: Diamond) -> None:
    assert registry.known(KIND, "first")
    assert registry.kind(KIND, "first").title == "First"
    assert not registry.known("a kind that nobody registered", "first")
    with pytest.raises(KeyError):
        registry.kind(KIND, "a step that nobody registered")


def test_a_kind_that_is_registered_again_replaces_the_one_before(diamond: Diamond) -> None:
    registry.register(KIND, [StepKind("first", "New title", "main", (), diamond.perform)])
    assert registry.kind(KIND, "first").title == "New title"
    assert [kind.name for kind in registry.kinds(KIND)] == ["first", "left", "right", "last"]


def test_only_the_last_notifier_is_used(diamond: Diamond) -> None:
    notified: list[tuple[str, int]] = []
    registry.set_notifier(lambda queue, step_id: notified.append((queue, step_id)))
    registry.notify("main", 7)
    assert notified == [("main", 7)]
    assert diamond.notifications == []


@pytest.mark.django_db(transaction=True)
def test_a_listener_sees_each_change_of_a_step_and_the_end_of_the_run(
    diamond: Diamond, changes: list[tuple[Run, Step | None]]
) -> None:
    run = diamond.start()
    diamond.execute_notified()
    assert [(of, step.name if step else None) for of, step in changes] == [
        (run, "first"),
        (run, "left"),
        (run, "right"),
        (run, "last"),
        (run, None),
    ]
    assert [step.state for _, step in changes if step] == ["done"] * 4


@pytest.mark.django_db(transaction=True)
def test_a_listener_runs_in_the_transaction_of_the_change(diamond: Diamond, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it writes is committed with the change, or not at all."""
    monkeypatch.setattr(registry, "_listeners", {})
    in_transaction: list[bool] = []
    registry.on_change(KIND, lambda run, step: in_transaction.append(transaction.get_connection().in_atomic_block))
    run = diamond.start()
    diamond.claim(run, "first")
    interventions.cancel(run.pk, person="alice")
    assert in_transaction == [True]


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, bool]]:
    """(name of the step or None, whether in a transaction), as a listener to turns of the diamond is called."""
    turns: list[tuple[str | None, bool]] = []
    monkeypatch.setattr(registry, "_turn_listeners", {})
    database = transaction.get_connection()
    registry.on_turn(KIND, lambda run, step: turns.append((step.name if step else None, database.in_atomic_block)))
    return turns


@pytest.mark.django_db(transaction=True)
def test_a_listener_to_turns_sees_whose_move_it_is_and_the_end_of_the_run(
    diamond: Diamond, turns: list[tuple[str | None, bool]]
) -> None:
    diamond.behaviours["left"] = lambda _: Wait("for the tide", 3600, Move.TEAM)
    diamond.behaviours["right"] = lambda _: Wait("for the wind", 3600)
    run = diamond.start()
    diamond.execute_notified()
    assert turns == [("left", True)]
    diamond.behaviours.clear()
    for name in ("left", "right"):
        make_due(diamond.step(run, name))
        execution.execute(diamond.step(run, name).pk)
    diamond.execute_notified()
    assert turns == [("left", True), (None, True)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies", [False, True])
def test_two_steps_that_end_last_end_the_run(
    diamond: Diamond, turns: list[tuple[str | None, bool]], monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    """Neither knows beforehand that it is the last. The end is written after it: by another process, where this one dies."""
    with transaction.atomic():
        run = runs.start(KIND, names=["first", "left", "right"])
    execution.execute(diamond.next_notified())
    left, right = (diamond.claim(run, name) for name in ("left", "right"))
    with monkeypatch.context() as context:
        if dies:
            context.setattr(completion, "_finish", lambda run, is_ended: None)
        completion.complete(left, Done("done"))
        completion.complete(right, Done("done"))
    assert reconciler.reconcile() == dies
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert turns == [(None, True)]
    assert Event.objects.filter(type=f"onramp.{KIND}.done", subject=f"run:{run.pk}").count() == 1
