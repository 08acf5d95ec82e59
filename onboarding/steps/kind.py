"""What a step of an onboarding says about itself before it runs."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.models import Move
from engine.registry import StepKind
from onboarding.plans.content import Content


def _always(content: Content) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class OnboardingStep(StepKind):
    """A step of the golden path, with what the plan page shows of it."""

    creates: Callable[[Content], str]
    """What it would create outside, as the end of the sentence “It creates …”; empty where it only checks."""
    does: str
    """What it does, as a sentence in the third person without a subject: “Checks that pipelines may run.”"""
    owner: Move = Move.MACHINE
    """Whose move it is."""
    only_if: Callable[[Content], bool] = _always
    """Whether a run of this plan has the step."""


def nothing(content: Content) -> str:
    """For steps that create nothing."""
    return ""
