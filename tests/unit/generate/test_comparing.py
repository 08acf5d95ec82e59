"""Ours beside theirs."""

from onboarding import generate
from onboarding.generate import File

OURS = [File("a", "ours\n", ""), File("b", "ours\n", ""), File("c", "ours\n", ""), File("d", "ours\n", "")]


def test_what_is_there_is_never_taken_for_new() -> None:
    compared = generate.compare(OURS, {"a": "ours\n", "b": "theirs\n"}, present=["a", "b", "c", "z"])
    assert [one.path for one in compared.new] == ["d"]
    assert [one.path for one in compared.same] == ["a"]
    assert [(one.path, one.theirs) for one in compared.conflicts] == [("b", "theirs\n"), ("c", "")]


def test_the_difference_to_theirs_shows_both() -> None:
    lines = generate.diff(OURS[1], "theirs\n").splitlines()
    assert lines[:2] == ["--- a/b", "+++ b/b"]
    assert lines[-2:] == ["-theirs", "+ours"]
