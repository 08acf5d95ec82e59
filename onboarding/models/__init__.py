"""The journey's rows. `run` belongs to the engine alone; the others say what its runs are for."""

from onboarding.models.blocker import Blocker, BlockerState, TicketComment
from onboarding.models.journey import (
    IdempotencyKey,
    Kept,
    Message,
    MessageKind,
    Observation,
    Onboarding,
    Plan,
    Presence,
    Undo,
)
from onboarding.models.lane import Lane
from onboarding.models.run import (
    ENDED_STATES,
    OPEN_STATES,
    Attempt,
    Effect,
    EffectState,
    Move,
    Run,
    RunState,
    Step,
    StepState,
)

__all__ = [
    "ENDED_STATES",
    "OPEN_STATES",
    "Attempt",
    "Blocker",
    "BlockerState",
    "Effect",
    "EffectState",
    "IdempotencyKey",
    "Kept",
    "Lane",
    "Message",
    "MessageKind",
    "Move",
    "Observation",
    "Onboarding",
    "Plan",
    "Presence",
    "Run",
    "RunState",
    "Step",
    "StepState",
    "TicketComment",
    "Undo",
]
