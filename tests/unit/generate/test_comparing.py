"""Generated files compared with those of the repository."""

import pytest

import generate
from generate import File
from generate.comparing import MAX_LINE, MAX_LINES

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


@pytest.mark.parametrize(
    ("present", "special", "obstacle"),
    [
        ([], {"deploy/app.yaml": "a symbolic link"}, "deploy/app.yaml is a symbolic link."),
        ([], {"deploy": "a submodule"}, "deploy is a submodule."),
        (["deploy"], {}, "deploy is a file, so there can be no folder of that name."),
        (["deploy/app.yaml/readme"], {}, "deploy/app.yaml is a folder."),
        (["deploy/app.yaml.old", "deployment"], {}, None),
    ],
)
def test_what_no_file_can_replace_is_a_conflict_with_its_reason(
    present: list[str], special: dict[str, str], obstacle: str | None
) -> None:
    ours = [File("deploy/app.yaml", "ours\n", "")]
    compared = generate.compare(ours, {}, present, special=special)
    assert [conflict.obstacle for conflict in compared.conflicts] == ([] if obstacle is None else [obstacle])
    assert bool(compared.new) == (obstacle is None)


@pytest.mark.parametrize("existing", ["\n" * (MAX_LINES + 1), "a" * (MAX_LINE + 1)])
def test_a_file_that_is_too_long_is_not_compared(existing: str) -> None:
    assert generate.diff(OURS[0], existing) == "The existing a is too long to be compared."
