"""The steps of the golden path fit together."""

import dataclasses

import pytest

from engine.models import Move
from engine.registry import StepKind
from onboarding.models import RunKind
from onboarding.steps import golden_path, results
from onboarding.steps.kind import OnboardingStep
from tests.unit.onboarding.plans import content


@pytest.mark.parametrize("kind", RunKind)
def test_every_kind_of_run_has_steps(kind: RunKind) -> None:
    assert golden_path.RUNS[kind]


@pytest.mark.parametrize("kind", RunKind)
def test_a_step_comes_after_everything_it_needs(kind: RunKind) -> None:
    earlier: set[str] = set()
    for step in golden_path.RUNS[kind]:
        assert set(step.needs) <= earlier, f"{step.name} needs a step that comes later or does not exist"
        earlier.add(step.name)


@pytest.mark.parametrize("step", [step for steps in golden_path.RUNS.values() for step in steps], ids=lambda s: s.name)
def test_every_step_is_in_a_queue_that_workers_serve(step: StepKind) -> None:
    assert step.queue in golden_path.QUEUES


@pytest.mark.parametrize("step", golden_path.ONBOARDING, ids=lambda step: step.name)
def test_a_step_explains_itself_before_it_runs(step: OnboardingStep) -> None:
    assert step.does.endswith(".")
    assert not step.creates(content()).endswith("."), "it continues the sentence “It creates …”"


def test_configuration_is_only_part_of_a_run_with_required_values() -> None:
    assert "configuration" not in golden_path.steps_of(content())
    assert "configuration" in golden_path.steps_of(content(required="TOKEN"))


def test_people_act_in_two_steps() -> None:
    assert {step.name for step in golden_path.ONBOARDING if step.owner == Move.TEAM} == {"configuration", "merge"}


RESULTS = [value for value in vars(results).values() if dataclasses.is_dataclass(value) and hasattr(value, "step")]


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.__name__)
def test_a_result_names_the_step_that_returns_it(result: type) -> None:
    assert result.step in {step.name for step in golden_path.ONBOARDING}  # type: ignore[attr-defined]
