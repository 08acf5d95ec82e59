"""The syntax of workflow files, expressions and patterns."""

from typing import Any

import pytest

from sandbox.github.workflows import expressions, parser, patterns, syntax
from sandbox.github.workflows.document import WorkflowError
from sandbox.github.workflows.parser import ExpressionError, Scope

SCOPE = Scope(
    {
        "github": {"ref": "refs/heads/main", "event_name": "push"},
        "env": {"EMPTY": "", "N": "3"},
        "needs": {"build-it": {"outputs": {"digest": "sha256:1"}, "result": "success"}},
    },
    {"success": lambda: False, "failure": lambda: True, "always": lambda: True, "cancelled": lambda: False},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.ref == 'REFS/heads/MAIN'", True),
        ("github.event_name != 'push' || env.N", "3"),
        ("env.EMPTY && 'yes'", ""),
        ("env.EMPTY || 'usual'", "usual"),
        ("!env.EMPTY", True),
        ("env.N == 3", True),
        ("null == 0", True),
        ("needs.build-it.outputs.digest", "sha256:1"),
        ("needs['build-it'].result", "success"),
        ("needs.nobody.outputs.x", None),
        ("startsWith(github.ref, 'refs/HEADS/')", True),
        ("endsWith('abc', 'C')", True),
        ("contains('Hello', 'ELL')", True),
        ("'it''s'", "it's"),
        ("(true || false) && 'x'", "x"),
    ],
)
def test_expressions_are_evaluated_as_at_github(text: str, value: Any) -> None:
    assert expressions.evaluate(text, SCOPE) == value


@pytest.mark.parametrize(
    "text", ["github.ref ==", "nothing.x", "made_up()", "'open", "a b", "", "github.ref = 1", "contains(1, 2) ||"]
)
def test_invalid_expressions_are_rejected(text: str) -> None:
    with pytest.raises(ExpressionError):
        parser.parse(text)


def test_conditions_require_success_unless_they_use_a_status_function() -> None:
    assert not expressions.condition("true", SCOPE)
    assert expressions.condition("always()", SCOPE)
    assert expressions.condition("${{ failure() && github.event_name == 'push' }}", SCOPE)
    assert not expressions.condition("${{ github.event_name == 'push' }}", SCOPE)


def test_interpolation_keeps_types_and_text() -> None:
    assert expressions.interpolate_deep({"a": "${{ 1 == 1 }}", "b": "x ${{ env.N }}"}, SCOPE) == {"a": True, "b": "x 3"}


@pytest.mark.parametrize(
    ("globs", "name", "expected"),
    [
        (["main"], "main", True),
        (["release/*"], "release/1/2", False),
        (["release/**"], "release/1/2", True),
        (["*", "!wip*"], "wip-1", False),
        (["v[0-9]+"], "v12", True),
        (["docs/**"], "docs/a/b.md", True),
        (["**/*.py"], "a.py", True),
        (["*.py"], "src/a.py", False),
    ],
)
def test_patterns_match_as_at_github(globs: list[str], name: str, expected: bool) -> None:
    assert patterns.matches(globs, name) is expected


VALID = """\
name: x
on:
  push: {branches: [main]}
  pull_request:
permissions: {}
jobs:
  one:
    runs-on: ubuntu-latest
    outputs: {a: "${{ steps.s.outputs.a }}"}
    steps:
      - id: s
        run: echo
  two:
    needs: one
    permissions: {id-token: write}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
"""


def test_a_valid_workflow_is_parsed() -> None:
    workflow = syntax.parse("w.yml", VALID)
    assert list(workflow.on) == ["push", "pull_request"]
    assert workflow.permissions_of(workflow.jobs["one"]) == {}
    assert workflow.permissions_of(workflow.jobs["two"]) == {"id-token": "write"}
    assert workflow.jobs["two"].needs == ["one"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("run: echo", "runn: echo", r"jobs\.one\.steps\.0: Unexpected value 'runn'"),
        ("    needs: one\n", "    needs: zero\n", "depends on unknown job 'zero'"),
        ("    needs: one\n", "    needs: two\n", "depends on itself"),
        ("    runs-on: ubuntu-latest\n    outputs", "    outputs", "Required property is missing: runs-on"),
        ("permissions: {}", "permissions: {everything: write}", "Unexpected value 'everything'"),
        ("  push: {branches: [main]}", "  pushed: {}", "Unexpected value 'pushed'"),
        ("steps.s.outputs.a }}", "steps.s.outputs.a == }}", "Unexpected end of expression"),
        ("steps.s.outputs.a }}", "step.s.outputs.a }}", "Unrecognized named-value: 'step'"),
        ("uses: actions/checkout@v5", "uses: actions/checkout", "Expected format"),
        ("name: x\n", "name: x\nname: y\n", "'name' is already defined"),
        ("name: x\n", "name: [x\n", "error in your yaml syntax"),
        ("jobs:\n", "job:\n", "Unexpected value 'job'"),
    ],
)
def test_invalid_workflows_are_rejected(old: str, new: str, message: str) -> None:
    assert old in VALID
    with pytest.raises(WorkflowError, match=message):
        syntax.parse("w.yml", VALID.replace(old, new, 1))
