"""What the runs of onboarding are for: plans, onboardings and their undo, blockers, messages, watches.

Each row that belongs to a run has the run's primary key. The runs themselves belong to `engine`.
"""

from onboarding.models.blocker import Blocker, BlockerState, TicketComment
from onboarding.models.kinds import EffectKind, RunKind
from onboarding.models.message import Message, MessageKind
from onboarding.models.onboarding import IdempotencyKey, Onboarding, Presence, Undo
from onboarding.models.plan import Plan, SavedCorrections
from onboarding.models.watch import Watch

__all__ = [
    "Blocker",
    "BlockerState",
    "EffectKind",
    "IdempotencyKey",
    "Message",
    "MessageKind",
    "Onboarding",
    "Plan",
    "Presence",
    "RunKind",
    "SavedCorrections",
    "TicketComment",
    "Undo",
    "Watch",
]
