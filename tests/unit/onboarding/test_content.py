"""What a plan agrees to: its digest, and what must be decided before it starts."""

import pytest
from pydantic import ValidationError

from onboarding.plans.content import Change, Choice, Content, FileConflict, PlannedObject
from tests.unit.onboarding.plans import content


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    plan = content()
    reordered = Content.model_validate(dict(reversed(plan.model_dump(mode="json").items())))
    assert reordered.digest() == plan.digest()


def test_any_change_changes_the_digest() -> None:
    plan = content()
    assert plan.model_copy(update={"branch": "onramp/other"}).digest() != plan.digest()


def test_a_plan_survives_storage() -> None:
    plan = content(required="TOKEN")
    assert Content.model_validate(plan.model_dump(mode="json")) == plan


def test_an_unknown_field_is_rejected() -> None:
    with pytest.raises(ValidationError):
        Content.model_validate(content().model_dump(mode="json") | {"surprise": 1})


def test_an_undecided_conflict_prevents_the_start() -> None:
    conflict = FileConflict(path="Dockerfile", diff="")
    plan = content().model_copy(update={"conflicts": [conflict]})
    assert not plan.can_start
    decided = conflict.model_copy(update={"chosen": Choice.THEIRS})
    assert plan.model_copy(update={"conflicts": [decided]}).can_start


def test_only_included_components_are_applications() -> None:
    plan = content()
    excluded = plan.components[0].model_copy(update={"included": False})
    plan = plan.model_copy(update={"components": [excluded]})
    assert (plan.applications, plan.required_values, plan.can_start) == ([], {}, False)


def test_the_pipelines_manifests_are_told_apart_from_ours() -> None:
    ours, theirs = (
        PlannedObject(kind=kind, name="x", namespace="", change=change, checked="", manifest={"kind": kind})
        for kind, change in (("Namespace", Change.CREATE), ("Deployment", Change.BY_PIPELINE))
    )
    plan = content().model_copy(update={"objects": [ours, theirs]})
    assert plan.manifests_of_pipeline == [{"kind": "Deployment"}]
