"""System checks: every effect kind is handled by an undo, every live run's steps are known."""

from typing import Any

from django.core import checks

from onboarding.steps import undoing


def register_all() -> None:
    checks.register(every_effect_is_handled)


def every_effect_is_handled(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """A new effect kind needs an undoer, or a reason why it leaves nothing to undo."""
    return [
        checks.Error(
            f"An undo would not know what to do with effects of kind “{kind}”.",
            hint="Handle it in onboarding/steps/undoing, or add it to NOTHING_TO_UNDO with the reason.",
            id="onramp.E004",
        )
        for kind in sorted(undoing.unhandled_kinds())
    ]
