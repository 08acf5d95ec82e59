"""Runs and steps that are never saved, for the views that only read them."""

from typing import Any

from catalog.models import Repository
from engine.models import Move, Run, RunState, Step, StepState
from onboarding.models import Onboarding, RunKind


def onboarding(state: RunState = RunState.ACTIVE) -> Onboarding:
    run = Run(kind=RunKind.ONBOARDING, state=state)
    return Onboarding(run=run, repository=Repository(host="https://github.example", owner="acme", name="shop"))


def step(name: str, state: StepState, move: Move = Move.MACHINE, **fields: Any) -> Step:
    return Step(name=name, state=state, move=move, **fields)
