"""Generated files compared with those of the repository."""

import generate
from generate import File

OURS = [File("a", "ours\n", ""), File("b", "ours\n", ""), File("c", "ours\n", ""), File("d", "ours\n", "")]


def test_an_existing_file_never_counts_as_new() -> None:
    compared = generate.compare(OURS, {"a": "ours\n", "b": "theirs\n"}, present=["a", "b", "c", "z"])
    assert [file.path for file in compared.new] == ["d"]
    assert [file.path for file in compared.same] == ["a"]
    assert [(conflict.path, conflict.theirs) for conflict in compared.conflicts] == [("b", "theirs\n"), ("c", "")]


def test_a_diff_shows_both_versions() -> None:
    lines = generate.diff(OURS[1], "theirs\n").splitlines()
    assert lines[:2] == ["--- a/b", "+++ b/b"]
    assert lines[-2:] == ["-theirs", "+ours"]
