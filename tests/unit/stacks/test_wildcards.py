"""Globs of workspace members: which folders they name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.parsing import jsonc
from stacks.wildcards import matches


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("packages/*", "packages/a", True),
        ("packages/*", "packages/a/b", False),
        ("./packages/*/", "packages/a", True),
        ("packages/**", "packages/a/b", True),
        ("packages/**", "packages", False),
        ("**/lib", "a/b/lib", True),
        ("**", "a", True),
        ("app", "app", True),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "aXcYb", False),
        ("a*a", "a", False),
        ("*", "", True),
    ],
)
def test_a_glob_names_folders(glob: str, path: str, *, expected: bool) -> None:
    assert matches(glob, path) == expected


def _by_expression(glob: str, path: str) -> bool:
    pieces = (
        "(?:[^/]+/)*[^/]+" if part == "**" else "[^/]*".join(map(re.escape, part.split("*")))
        for part in glob.split("/")
    )
    return re.fullmatch("/".join(pieces), path) is not None


PART = st.text("ab", min_size=1, max_size=4)


@given(
    st.lists(
        st.one_of(st.just("**"), st.text("ab*", min_size=1, max_size=5).filter(lambda part: "**" not in part)),
        min_size=1,
        max_size=4,
    ),
    st.lists(PART, min_size=1, max_size=4),
)
def test_it_agrees_with_an_expression(glob: list[str], path: list[str]) -> None:
    assert matches("/".join(glob), "/".join(path)) == _by_expression("/".join(glob), "/".join(path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1} // b', {"a": 1}),
        ('{/* "b" */ "a": /*/ c /*/ 1,}', {"a": 1}),
        ('{"a": "// b"}', {"a": "// b"}),
        (r'{"a": "\"/*", "b": "*/"}', {"a": '"/*', "b": "*/"}),
        (r'{"a": "\\"} // "', {"a": "\\"}),
        ("[1, 2, /* 3 */ ]", [1, 2]),
    ],
)
def test_comments_are_left_out_of_json(text: str, expected: object) -> None:
    assert jsonc(text) == expected
