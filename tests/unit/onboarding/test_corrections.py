"""People's edits to components: what they change, and which of them are rejected."""

import pytest

from onboarding.plans import corrections
from onboarding.plans.content import Correction
from onboarding.plans.preflight import RequestRejected
from stacks import Component

WEB = Component(name="web", root="web", family="node", start=("node", "server.js"), port=3000, health_path="/healthz")
WORKER = Component(name="worker", root="worker", family="python", start=("python", "worker.py"))


def apply(**fields: object) -> Component:
    """The first of two components with this edit."""
    edited, other = corrections.apply([WEB, WORKER], [Correction.model_validate({"name": "web", **fields})])
    assert other == WORKER, "an edit only changes the component that it names"
    return edited


def test_an_edit_replaces_only_the_fields_that_it_names() -> None:
    edited = apply(port=9000)
    assert (edited.port, edited.health_path, edited.start) == (9000, WEB.health_path, WEB.start)


def test_an_edit_without_fields_changes_nothing() -> None:
    assert apply() == WEB
    assert apply(start="", health_path="") == WEB


def test_a_start_command_is_split_as_a_shell_does() -> None:
    assert apply(start="node 'my server.js' --port=80").start == ("node", "my server.js", "--port=80")


def test_a_later_edit_of_a_component_wins() -> None:
    edits = [Correction(name="web", port=1, health_path="/up"), Correction(name="web", port=2)]
    (edited,) = corrections.apply([WEB], edits)
    assert (edited.port, edited.health_path) == (2, "/up")


@pytest.mark.parametrize("port", [1, 65_535])
def test_the_first_and_the_last_port_are_accepted(port: int) -> None:
    assert apply(port=port).port == port


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"port": 0}, "A port is a number from 1 to 65535, not 0."),
        ({"port": 65_536}, "A port is a number from 1 to 65535, not 65536."),
        ({"health_path": "up"}, "A health path begins with a slash and contains no spaces, unlike “up”."),
        ({"health_path": "/" + "x" * 200}, "A health path begins with a slash"),
        ({"start": "x" * 1_001}, "A start command of 1,001 characters is too long; put it into a script."),
        ({"start": "run ${{ secrets.TOKEN }}"}, "contains an expression or a control character."),
        ({"start": "sh -c 'x"}, "has an unclosed quotation mark."),
    ],
)
def test_an_edit_outside_the_bounds_is_rejected(fields: dict[str, object], message: str) -> None:
    with pytest.raises(RequestRejected) as rejected:
        apply(**fields)
    assert rejected.value.kind == "correction"
    assert message in rejected.value.message


def test_an_edit_of_an_unknown_component_names_the_components() -> None:
    with pytest.raises(RequestRejected, match=r"no component “api” to edit\. Components: web, worker"):
        corrections.apply([WEB, WORKER], [Correction(name="api")])
    with pytest.raises(RequestRejected, match="Components: none"):
        corrections.apply([], [Correction(name="api")])


def test_a_rejected_text_is_quoted_in_printable_characters() -> None:
    with pytest.raises(RequestRejected) as rejected:
        apply(start="run\x07")
    assert r"“run\x07”" in rejected.value.message
