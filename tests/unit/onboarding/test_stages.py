"""Steps that run in parallel are shown as one stage."""

from engine.models import StepState
from onboarding.pages import steps as step_views
from onboarding.steps import golden_path
from tests.unit.onboarding.runs import step


def stages(needs: dict[str, list[str]]) -> list[list[str]]:
    """The names of the steps, stage by stage."""
    views = [
        step_views.StepView(
            step=step(name, StepState.NOT_STARTED, needs=needed),
            title=name,
            status=None,  # type: ignore[arg-type]
            after="",
            needs_person=False,
            mine=False,
            lost=False,
            attempts=[],
            effects=[],
            blocker=None,
            can_retry=False,
            can_check=False,
            can_rerun=False,
            can_agree=False,
        )
        for name, needed in needs.items()
    ]
    return [[view.step.name for view in stage] for stage in step_views.stages(views)]


def test_steps_in_a_row_are_a_stage_each() -> None:
    assert stages({"a": [], "b": ["a"], "c": ["b"]}) == [["a"], ["b"], ["c"]]


def test_parallel_steps_share_a_stage() -> None:
    assert stages({"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}) == [["a"], ["b", "c"], ["d"]]


def test_a_branch_of_several_steps_is_part_of_the_stage() -> None:
    assert stages({"a": [], "b": ["a"], "c": ["b"], "d": ["a"], "e": ["c", "d"]}) == [["a"], ["b", "c", "d"], ["e"]]


def test_independent_steps_are_one_stage() -> None:
    assert stages({"a": [], "b": []}) == [["a", "b"]]


def test_a_run_without_steps_has_no_stages() -> None:
    assert stages({}) == []


def test_every_step_of_the_golden_path_is_in_one_stage() -> None:
    names = [
        name for stage in stages({kind.name: list(kind.needs) for kind in golden_path.ONBOARDING}) for name in stage
    ]
    assert sorted(names) == sorted(kind.name for kind in golden_path.ONBOARDING)
