"""A repository is known by its host's id: names change, and another repository can take one."""

import pytest

from catalog.models import Application, Repository
from onboarding.actions import onboardings
from onboarding.models import Plan
from tests.plan.world import World


def renamed(world: World, before: str, after: str) -> None:
    world.github("PATCH", f"/repos/acme/{before}", {"name": after}, person="onramp")


def stored(world: World, name: str) -> Repository:
    return Repository.objects.named(f"{world.sandbox.url}/github", "acme", name).get()


@pytest.fixture
def name(world: World, request: pytest.FixtureRequest) -> str:
    name = f"clock-{request.node.name.removeprefix('test_')[:30].rstrip('_').replace('_', '-')}"
    world.push(name, {"Dockerfile": 'FROM scratch\nEXPOSE 8080\nCMD ["/clock"]\n'})
    return name


def test_a_renamed_repository_stays_itself(world: World, name: str) -> None:
    before = world.plan(f"acme/{name}").repository
    renamed(world, name, f"{name}-2")
    for pasted in (name, f"{name}-2"):
        after = world.plan(f"acme/{pasted}").repository
        assert (after.pk, after.name, after.external_id) == (before.pk, f"{name}-2", before.external_id)


def test_a_repository_that_takes_over_a_name_is_another_one(world: World, name: str) -> None:
    before = world.plan(f"acme/{name}")
    onboarding, _ = onboardings.start(world.cast.alice, before, before.digest)
    renamed(world, name, f"{name}-2")
    (world.folder / name).rename(world.folder / f"{name}-2")
    world.push(name, {"Dockerfile": 'FROM scratch\nEXPOSE 8080\nCMD ["/other"]\n'})
    after = world.plan(f"acme/{name}").repository
    assert after.pk != before.repository.pk
    assert after.external_id != before.repository.external_id
    old = Repository.objects.get(pk=before.repository.pk)
    assert old.name_lost_at is not None
    assert old.topic != after.topic
    assert not after.applications.exists(), "what the other repository runs is not its"
    assert onboarding.repository_id == old.pk
    assert world.plan(f"acme/{name}-2").repository.pk == old.pk
    assert stored(world, f"{name}-2").pk == old.pk


def test_a_row_that_only_has_a_name_gets_its_id_when_it_is_looked_at(world: World, name: str) -> None:
    row = Repository.objects.create(
        host=f"{world.sandbox.url}/github", owner="acme", name=name, team=world.cast.storefront
    )
    planned = world.plan(f"acme/{name}").repository
    assert planned.pk == row.pk
    assert planned.external_id


def test_two_repositories_never_share_an_applications_row(world: World) -> None:
    """Two monorepos that both have `api/`, planned before either is started."""
    files = {f"{folder}/Dockerfile": 'FROM scratch\nEXPOSE 8080\nCMD ["/x"]\n' for folder in ("api", "web")}
    for each in ("north", "south"):
        world.push(each, files)
    north, south = world.plan("acme/north"), world.plan("acme/south")
    assert names(north) == names(south) == ["api", "web"]
    onboardings.start(world.cast.alice, north, north.digest)
    with pytest.raises(onboardings.PlanMoved, match="acme/north has taken the name"):
        onboardings.start(world.cast.alice, south, south.digest)
    assert set(Application.objects.values_list("repository__name", flat=True)) == {"north"}
    again = world.plan("acme/south")
    assert names(again) == ["south-api", "south-web"]
    onboardings.start(world.cast.alice, again, again.digest)
    assert Application.objects.count() == 4


def names(plan: Plan) -> list[str]:
    return sorted(component["name"] for component in plan.content["components"])
