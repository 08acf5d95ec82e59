"""Every change outside that a step makes goes through `onboarding.steps.errors.ensure`, which takes the provider's turn."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

STEPS = Path(__file__).resolve().parents[3] / "onboarding" / "steps"
DOOR = "errors.py"


def test_no_step_makes_a_change_without_a_turn() -> None:
    places = [
        f"{path.name}:{line}"
        for path in STEPS.rglob("*.py")
        if path.name != DOOR
        for line in calls_outside(path.read_text())
    ]
    assert places == [], "use onboarding.steps.errors.ensure: the engine's own takes no turn and translates no errors"


def test_the_door_takes_the_turn_and_translates_errors() -> None:
    (call,) = (node for node in ast.walk(ast.parse((STEPS / DOOR).read_text())) if is_ensure_of_the_engine(node))
    keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    assert keywords["create"] == "as_effect(create)"
    assert "http.turn(limited_as(provider), work.step)" in keywords["turn"]


def test_a_change_without_a_turn_is_noticed() -> None:
    assert list(calls_outside("work.ensure(kind, name, create=as_effect(lambda: host.delete(name)))")) == [1]
    assert list(calls_outside("work.ensure(kind, name, create=lambda: Made({'sha': sha}))")) == []
    assert list(calls_outside("work.ensure(kind, name, create=Made)")) == []


def calls_outside(source: str) -> Iterator[int]:
    """The lines where the engine is asked to ensure more than a row that records what is known already."""
    for node in ast.walk(ast.parse(source)):
        if is_ensure_of_the_engine(node):
            (create,) = (keyword.value for keyword in node.keywords if keyword.arg == "create")
            if not records_only(create):
                yield node.lineno


def is_ensure_of_the_engine(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ensure"


def records_only(create: ast.expr) -> bool:
    made = create.body.func if isinstance(create, ast.Lambda) and isinstance(create.body, ast.Call) else create
    return isinstance(made, ast.Name) and made.id == "Made"
