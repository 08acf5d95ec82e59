"""People's edits on the plan page create a new plan; an invalid edit is rejected with a sentence."""

import pytest
import yaml

from onboarding.actions import onboardings, plans
from onboarding.models import SavedCorrections
from onboarding.plans.content import Content, Correction
from onboarding.plans.preflight import RequestRejected
from tests.plan.world import World


def deployment(content: Content, name: str) -> dict[str, object]:
    (manifest,) = [
        planned.manifest for planned in content.objects if (planned.kind, planned.name) == ("Deployment", name)
    ]
    return manifest


@pytest.mark.parametrize(
    ("correction", "expected"),
    [
        (Correction(name="parcel-tracker", port=9123), "9123"),
        (Correction(name="parcel-tracker", health_path="/well"), "/well"),
        (Correction(name="parcel-tracker", start="python -u 'other file.py'"), "other file.py"),
    ],
)
def test_an_edit_is_in_the_plan_and_in_the_generated_files(world: World, correction: Correction, expected: str) -> None:
    before = world.plan("acme/parcel-tracker")
    after = world.plan("acme/parcel-tracker", corrections=[correction])
    assert after.digest != before.digest
    content = Content.model_validate(after.content)
    assert content.corrections == [correction]
    assert expected in yaml.safe_dump(content.components[0].model_dump())
    assert any(expected in file.text for file in content.files)
    assert all(expected not in file["text"] for file in before.content["files"])


def test_an_excluded_component_has_no_files(world: World) -> None:
    whole = world.content("acme/shop")
    content = world.content("acme/shop", None, Correction(name="worker", included=False))
    assert [application.name for application in content.applications] == ["api", "web"]
    assert {component.name for component in content.components} == {"api", "web", "worker"}, (
        "it is still listed, so that it can be included again"
    )
    assert not [file for file in content.files if "worker" in file.text or "worker" in file.path]
    assert content.digest() != whole.digest()


def test_a_plan_without_components_cannot_start(world: World) -> None:
    plan = world.plan("acme/greeter", corrections=[Correction(name="greeter", included=False)])
    with pytest.raises(RequestRejected) as rejected:
        onboardings.start(world.cast.alice, plan, plan.digest)
    assert rejected.value.kind == "nothing-to-start"


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (Correction(name="parcel-tracker", start="python 'tracker.py"), "quotation"),
        (Correction(name="somebody-else", port=80), "somebody-else"),
        (Correction(name="parcel-tracker", start="python ${{ secrets.TOKEN }}"), "expression"),
        (Correction(name="parcel-tracker", start="python\x07"), "expression or a control character"),
        (Correction(name="parcel-tracker", start="x" * 1_001), "too long"),
        (Correction(name="parcel-tracker", port=0), "from 1 to 65535"),
        (Correction(name="parcel-tracker", port=65_536), "from 1 to 65535"),
        (Correction(name="parcel-tracker", health_path="no-slash"), "begins with a slash"),
        (Correction(name="parcel-tracker", health_path="/a b"), "contains no spaces"),
        (Correction(name="parcel-tracker", health_path="/${{ secrets.TOKEN }}"), "begins with a slash"),
    ],
)
def test_an_invalid_edit_is_rejected_with_a_sentence(world: World, correction: Correction, message: str) -> None:
    with world.unchanged(), pytest.raises(RequestRejected) as rejected:
        plans.create(world.cast.alice, world.url("acme/parcel-tracker"), [correction])
    assert rejected.value.kind == "correction"
    assert message in rejected.value.message


def test_edits_are_saved_for_the_repository_until_they_are_discarded(world: World) -> None:
    plan = world.plan("acme/parcel-tracker", corrections=[Correction(name="parcel-tracker", port=9000)])
    assert plan.content["components"][0]["port"] == 9000
    by_bob = plans.create(world.cast.bob, world.url("acme/parcel-tracker"))
    assert by_bob.content["components"][0]["port"] == 9000
    world.plan("acme/parcel-tracker", corrections=[])
    after_discarding = plans.create(world.cast.alice, world.url("acme/parcel-tracker"))
    assert after_discarding.content["components"][0]["port"] == 8080
    assert not SavedCorrections.objects.exists()


def test_a_saved_edit_that_no_longer_fits_is_reported(world: World) -> None:
    plan = world.plan("acme/parcel-tracker", corrections=[Correction(name="parcel-tracker", port=9000)])
    SavedCorrections.objects.update(corrections=[{"name": "gone", "port": 9000}])
    later = plans.create(world.cast.alice, world.url("acme/parcel-tracker"))
    assert later.content["components"][0]["port"] == 8080
    assert any("gone" in warning for warning in later.content["warnings"])
    assert plan.pk != later.pk
