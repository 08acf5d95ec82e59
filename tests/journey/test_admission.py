"""Nothing of a run touches its team's namespace before somebody of the team has let it in, nor once its repository has left."""

import pytest

from catalog import ownership
from catalog.models import Application, Ownership, Person, Team
from engine.interventions import NotPossible
from engine.models import RunState, StepState
from integrations.cluster import cluster_reader
from onboarding.actions import onboardings, secret_values
from onboarding.models import Onboarding
from tests.conftest import signed_up
from tests.journey.conftest import World
from tests.journey.engine import step
from tests.journey.test_blockers_source import ADMIN, unowned_repository

PORT = "import os\nTOKEN = os.environ['TOKEN']\n"


def payments() -> Team:
    return Team.objects.get(key="acme-payments")


def charlie() -> Person:
    return Person.objects.filter(username="charlie").first() or signed_up("charlie")


def intruder(world: World) -> Onboarding:
    """A run of Alice's into the namespace of Payments, which nobody there agreed to."""
    name = unowned_repository(world)
    world.actors.push(name, {"CODEOWNERS": "* @acme/payments\n", "app.py": PORT})
    return world.start(name)


def honest(world: World) -> Onboarding:
    """A run of a repository of Payments."""
    name = world.actors.repository(person="charlie")
    return world.start(name, charlie())


def bound(world: World) -> set[str]:
    """The ids of the repositories whose pipelines may deploy into the namespace of Payments."""
    namespace = world.target.namespace_of(payments())
    binding = cluster_reader().get("RoleBinding", namespace, "onramp-deployer")
    assert binding is not None
    return {subject["name"].split(":")[2] for subject in binding["subjects"]}


def test_an_honest_run_never_binds_the_pipeline_of_one_that_nobody_agreed_to(world: World) -> None:
    world.actors.grant("acme-payments", {"requests.cpu": "20", "requests.memory": "20Gi", "pods": "200"})
    world.engine.limit_to("namespace")
    stranger, ours = intruder(world), honest(world)
    world.engine.drain()
    assert step(ours, "namespace").state == StepState.DONE, step(ours, "namespace").reason
    assert bound(world) == {ours.repository.external_id}
    assert not Application.objects.filter(repository=stranger.repository).exists()
    onboardings.agree(charlie(), stranger)
    world.engine.poll()
    assert step(stranger, "namespace").state == StepState.DONE
    assert len(bound(world)) == 2


def test_values_cannot_be_entered_for_a_run_that_nobody_agreed_to(world: World) -> None:
    run = intruder(world)
    world.engine.limit_to("access")
    world.engine.drain()
    with pytest.raises(NotPossible, match="in the team's namespace"):
        secret_values.enter(world.alice, run, "app", {"TOKEN": "injected"})


def test_a_repository_that_left_the_team_does_not_enter_its_namespace_again(world: World) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    world.engine.drain()
    assert step(run, "namespace").state == StepState.DONE
    ownership.decide(run.repository, payments(), Ownership.CATALOG)
    onboardings.rerun(world.alice, run, "namespace")
    world.engine.drain()
    run.run.refresh_from_db()
    assert run.run.state == RunState.DECLINED
    assert "belongs to Payments" in step(run, "namespace").reason


def test_what_an_application_requests_more_is_granted_before_the_quota_grows(world: World) -> None:
    name = world.actors.repository()
    run = world.start(name)
    world.engine.limit_to("namespace")
    world.engine.drain()
    row = Application.objects.get(repository=run.repository)
    granted = dict(row.demand)
    onboardings.cancel(world.alice, run)
    Application.objects.filter(pk=row.pk).update(removed_at=None, onboarded_at=row.granted_at)
    much = {resource: "1000Gi" if "memory" in resource else value for resource, value in granted.items()}
    Application.objects.filter(pk=row.pk).update(demand=much | {"requests.memory": "1Mi"}, requested=much)
    again = world.start(name)
    Application.objects.filter(pk=row.pk).update(requested=much)
    world.engine.drain()
    assert step(again, "namespace").state == StepState.BLOCKED
    row.refresh_from_db()
    assert row.demand != much


def test_an_administrator_who_gives_a_team_access_does_not_get_into_its_namespace(world: World) -> None:
    name = unowned_repository(world)
    world.actors.github("PUT", f"/orgs/acme/teams/payments/repos/{name}", {"permission": "push"}, person=ADMIN)
    run = world.start(name)
    world.engine.drain()
    assert step(run, "access").state == StepState.BLOCKED
    assert not Application.objects.filter(repository=run.repository).exists()
