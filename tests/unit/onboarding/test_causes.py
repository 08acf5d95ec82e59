"""Every kind of cause says what it is, and can be checked."""

import pytest

from engine.models import Move
from onboarding.blockers import agreement, build, causes, namespace, owner, providers, registry, source, verification
from onboarding.blockers.causes import Cause, Check

KINDS = [
    kind
    for module in (agreement, build, namespace, owner, providers, registry, source, verification)
    for kind in vars(module).values()
    if isinstance(kind, causes.CauseKind)
]


def test_every_kind_is_registered_once() -> None:
    assert sorted(kind.name for kind in KINDS) == causes.kinds()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_a_title_for_lists(kind: causes.CauseKind) -> None:
    assert causes.title(kind.name) == kind.title
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")


def test_a_kind_of_another_version_is_shown_by_its_name() -> None:
    assert causes.title("moon-in-the-way") == "Moon in the way"


def test_an_unknown_kind_cannot_be_checked() -> None:
    with pytest.raises(KeyError):
        causes.check("moon-in-the-way", {})


def test_the_same_object_is_the_same_cause() -> None:
    kind = causes.CauseKind("moon", "Moon", lambda facts: Check(True, ""))

    def cause(object_: str, summary: str) -> Cause:
        return Cause(kind, object_, Move.TEAM, summary, "", "")

    assert cause("a", "first").fingerprint == cause("a", "second").fingerprint
    assert cause("a", "first").fingerprint != cause("b", "first").fingerprint
    assert len(cause("a" * 1000, "").fingerprint) == 300, "as long as its column"
