"""Every effect kind is handled by an undo."""

import pytest

from onboarding import checks
from onboarding.models import EffectKind
from onboarding.steps import undoing


def test_every_effect_kind_is_handled() -> None:
    assert undoing.unhandled_kinds() == set()
    assert checks.every_effect_is_handled(None) == []


def test_no_kind_is_both_undone_and_left() -> None:
    undone = {kind for undoer in undoing.UNDOERS.values() for kind in undoer.kinds}  # type: ignore[attr-defined]
    assert not undone & set(undoing.NOTHING_TO_UNDO)


def test_a_kind_that_no_undoer_knows_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(undoing.NOTHING_TO_UNDO, EffectKind.CHAT)
    (error,) = checks.every_effect_is_handled(None)
    assert error.id == "onramp.E004"
    assert "chat" in str(error.msg)
