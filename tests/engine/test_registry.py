"""What is registered with the engine at start-up."""

import pytest
from django.db import transaction

from engine import interventions, registry
from engine.models import Run, Step
from engine.registry import StepKind
from tests.engine.conftest import KIND, Diamond


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
    assert registry.has_listeners(KIND)
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
