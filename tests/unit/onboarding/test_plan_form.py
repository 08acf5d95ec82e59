"""The form of a plan's page: what its fields mean, and which of them are refused with a sentence."""

import pytest

from onboarding.pages import plan_form
from onboarding.pages.plan_form import InvalidForm
from onboarding.plans.content import Choice, Correction, FileConflict
from tests.unit.onboarding.plans import content

NAME = "parcel-tracker"
UNCHANGED = {
    f"included-{NAME}": "on",
    f"port-{NAME}": "8080",
    f"health-{NAME}": "/",
    f"start-{NAME}": "python app.py",
}


def test_an_unchanged_form_contains_no_edits() -> None:
    assert plan_form.corrections(content(), UNCHANGED) == []


def test_every_field_becomes_an_edit() -> None:
    fields = {f"port-{NAME}": "9000", f"health-{NAME}": "/up", f"start-{NAME}": "gunicorn app:app"}
    (edit,) = plan_form.corrections(content(), fields)
    assert edit == Correction(
        name=NAME, included=False, port=9000, health_path="/up", start="gunicorn app:app", unneeded=[]
    )


def test_an_unticked_variable_needs_no_value() -> None:
    plan = content(required="TOKEN")
    component = plan.components[0]
    setting = component.settings[0].model_copy(update={"seems_required": True})
    plan = plan.model_copy(update={"components": [component.model_copy(update={"settings": [setting]})]})
    (edit,) = plan_form.corrections(plan, UNCHANGED)
    assert edit.unneeded == ["TOKEN"]
    assert plan_form.corrections(plan, UNCHANGED | {f"needs-{NAME}-TOKEN": "on"}) == []


def test_an_earlier_edit_is_kept() -> None:
    plan = content().model_copy(update={"corrections": [Correction(name=NAME, start="./run")]})
    (edit,) = plan_form.corrections(plan, UNCHANGED)
    assert edit.start == "./run"


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", "٣"])
def test_a_port_is_a_number_in_range(port: str) -> None:
    with pytest.raises(InvalidForm, match="a port is a number"):
        plan_form.corrections(content(), UNCHANGED | {f"port-{NAME}": port})


def test_a_health_path_begins_with_a_slash() -> None:
    with pytest.raises(InvalidForm, match="must begin with a slash"):
        plan_form.corrections(content(), UNCHANGED | {f"health-{NAME}": "up"})


def test_a_start_command_closes_its_quotation_marks() -> None:
    with pytest.raises(InvalidForm, match="unclosed quotation mark"):
        plan_form.corrections(content(), UNCHANGED | {f"start-{NAME}": "sh -c 'x"})


def test_only_known_conflicts_can_be_decided() -> None:
    plan = content().model_copy(update={"conflicts": [FileConflict(path="Dockerfile", diff="")]})
    fields = {"keep-Dockerfile": "ours", "keep-other": "ours"}
    assert plan_form.choices(plan, fields) == {"Dockerfile": Choice.OURS}
    assert plan_form.choices(plan, {"keep-Dockerfile": "nonsense"}) == {}
