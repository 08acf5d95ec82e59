"""The rows the engine decides on: runs, their steps, each attempt of a step, and the effects of steps outside.

Anything that proceeds in steps is a run: an onboarding, the ticket of a blocker, a message, the watch over an application.
All times are the database's.
"""

from engine.models.run import Run
from engine.models.states import ENDED_STATES, OPEN_STATES, EffectState, Move, RunState, StepState
from engine.models.step import Attempt, Effect, Step

__all__ = [
    "ENDED_STATES",
    "OPEN_STATES",
    "Attempt",
    "Effect",
    "EffectState",
    "Move",
    "Run",
    "RunState",
    "Step",
    "StepState",
]
