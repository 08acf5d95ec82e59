"""What people set right on the plan page gives a new plan; nonsense gets a sentence."""

import pytest
import yaml

from onboarding import actions
from onboarding.content import Content, Correction
from onboarding.models import Kept
from tests.plan.world import World


def deployment(content: Content, name: str) -> dict[str, object]:
    (found,) = [one.manifest for one in content.objects if (one.kind, one.name) == ("Deployment", name)]
    return found


@pytest.mark.parametrize(
    ("correction", "shown"),
    [
        (Correction(name="parcel-tracker", port=9123), "9123"),
        (Correction(name="parcel-tracker", health_path="/well"), "/well"),
        (Correction(name="parcel-tracker", start="python -u 'other file.py'"), "other file.py"),
    ],
)
def test_it_is_in_the_plan_and_in_what_is_generated(world: World, correction: Correction, shown: str) -> None:
    before = world.plan("acme/parcel-tracker")
    after = world.plan("acme/parcel-tracker", corrections=[correction])
    assert after.digest != before.digest
    content = Content.model_validate(after.content)
    assert content.corrections == [correction]
    assert shown in yaml.safe_dump(content.components[0].model_dump())
    assert any(shown in one.text for one in content.files)
    assert all(shown not in one["text"] for one in before.content["files"])


def test_a_component_that_is_left_out_brings_nothing(world: World) -> None:
    whole = world.content("acme/shop")
    content = world.content("acme/shop", None, Correction(name="worker", included=False))
    assert [one.name for one in content.applications] == ["api", "web"]
    assert {one.name for one in content.components} == {"api", "web", "worker"}, "it stays to be taken back in"
    assert not [one for one in content.files if "worker" in one.text or "worker" in one.path]
    assert content.digest() != whole.digest()


def test_with_everything_left_out_nothing_can_start(world: World) -> None:
    plan = world.plan("acme/greeter", corrections=[Correction(name="greeter", included=False)])
    with pytest.raises(actions.Refused) as refused:
        actions.start(world.cast.alice, plan, plan.digest)
    assert refused.value.kind == "nothing-to-start"


@pytest.mark.parametrize(
    ("correction", "says"),
    [
        (Correction(name="parcel-tracker", start="python 'tracker.py"), "quotation"),
        (Correction(name="somebody-else", port=80), "somebody-else"),
        (Correction(name="parcel-tracker", start="python ${{ secrets.TOKEN }}"), "expression"),
        (Correction(name="parcel-tracker", start="python\x07"), "expression or a control character"),
        (Correction(name="parcel-tracker", start="x" * 1_001), "too long"),
        (Correction(name="parcel-tracker", port=0), "from 1 to 65535"),
        (Correction(name="parcel-tracker", port=65_536), "from 1 to 65535"),
        (Correction(name="parcel-tracker", health_path="no-slash"), "begins with a slash"),
        (Correction(name="parcel-tracker", health_path="/a b"), "holds no blanks"),
        (Correction(name="parcel-tracker", health_path="/${{ secrets.TOKEN }}"), "begins with a slash"),
    ],
)
def test_a_correction_that_makes_no_sense_gets_a_sentence(world: World, correction: Correction, says: str) -> None:
    with world.unchanged(), pytest.raises(actions.Refused) as refused:
        actions.plan(world.cast.alice, world.url("acme/parcel-tracker"), [correction])
    assert refused.value.kind == "correction"
    assert says in refused.value.says


def test_they_are_kept_for_the_repository_until_somebody_forgets_them(world: World) -> None:
    plan = world.plan("acme/parcel-tracker", corrections=[Correction(name="parcel-tracker", port=9000)])
    assert plan.content["components"][0]["port"] == 9000
    anew = actions.plan(world.cast.bob, world.url("acme/parcel-tracker"))
    assert anew.content["components"][0]["port"] == 9000
    world.plan("acme/parcel-tracker", corrections=[])
    again = actions.plan(world.cast.alice, world.url("acme/parcel-tracker"))
    assert again.content["components"][0]["port"] == 8080
    assert not Kept.objects.exists()


def test_a_kept_one_that_fits_nothing_any_more_is_said(world: World) -> None:
    plan = world.plan("acme/parcel-tracker", corrections=[Correction(name="parcel-tracker", port=9000)])
    Kept.objects.update(corrections=[{"name": "gone", "port": 9000}])
    anew = actions.plan(world.cast.alice, world.url("acme/parcel-tracker"))
    assert anew.content["components"][0]["port"] == 8080
    assert any("gone" in one for one in anew.content["warnings"])
    assert plan.pk != anew.pk
