"""One run of a team at a time is granted something, and reads what all were granted and writes the sum; those that wait for
that hold no worker."""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from catalog.models import Application, Team
from database import clock, prepared
from engine import execution
from engine.models import StepState
from integrations import exclusion, http, turns
from integrations.cluster import cluster
from integrations.errors import IntegrationError, Transient
from integrations.models import Place, ProviderLimit
from onboarding.steps import namespace as namespace_step
from tests.engine.conftest import wait_for_lock
from tests.journey.actors import PLENTY
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step


@dataclass(frozen=True)
class Waiter:
    pk: int
    share: str = "acme-storefront"


def section_of(team: Team, waiter: int) -> AbstractContextManager[None]:
    return exclusion.section(f"namespace {team.pk}", f"The namespace of {team.name}", Waiter(waiter))


def test_a_worker_that_hangs_loses_the_section(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one gets it, and the first begins no exchange any more."""
    monkeypatch.setattr(http, "TIMEOUT", 0.3)
    monkeypatch.setattr(turns, "MARGIN", 0.1)
    held, held_by_another = threading.Event(), threading.Event()
    errors: list[IntegrationError] = []

    def hang() -> None:
        try:
            with section_of(world.storefront, 10**9):
                held.set()
                assert held_by_another.wait(10)
                cluster().get("Namespace", None, world.namespace)
        except Transient as error:
            errors.append(error)
        finally:
            connection.close()

    hanging = threading.Thread(target=hang)
    hanging.start()
    assert held.wait(10)
    with section_of(world.storefront, 10**9 + 1):
        held_by_another.set()
        hanging.join(10)
    (error,) = errors
    assert "no time was left" in str(error)


def test_what_two_runs_are_granted_at_once_never_exceeds_the_allowance(world: World) -> None:
    """Each reads what was granted once the other has written it."""
    runs = [world.start(world.actors.repository()) for _ in range(2)]
    of_first = Application.objects.filter(repository=runs[0].repository)
    world.actors.grant("acme-storefront", {name: of_first.get().requested[name] for name in PLENTY})
    world.engine.limit_to("access")
    world.engine.drain()

    def execute() -> None:
        execution.execute(step(runs[1], "namespace").pk)
        connection.close()

    with transaction.atomic():
        prepared.execute(namespace_step._ONE_BY_ONE, {"team": world.storefront.pk})
        second = threading.Thread(target=execute)
        second.start()
        wait_for_lock()
        of_first.update(granted_at=Now(), demand=F("requested"))
    second.join(30)
    assert step(runs[1], "namespace").state == StepState.BLOCKED
    assert blocker_of(runs[1], "namespace").kind == "allowance"


def test_a_run_gives_its_worker_back_while_others_change_the_namespace(world: World) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    with section_of(world.storefront, 10**9):
        limit = ProviderLimit.objects.get(name__startswith=exclusion.PREFIX)
        for _ in range(turns.LINE):
            until = Now() + timedelta(minutes=1)
            Place.objects.create(provider=limit.name, number=limit.served, present_until=until, kept_until=until)
        world.engine.drain()
        namespace = step(run, "namespace")
        assert namespace.state == StepState.WAITING
        assert (
            namespace.reason == "Waiting for its turn. The namespace of Storefront: other runs are ahead of this one."
        )
        assert namespace.due_at is not None
        assert namespace.due_at > clock.now() + timedelta(seconds=turns.RETURN / 2), "it is called earlier"
        Place.objects.filter(waiter=None).delete()
    world.engine.drain()
    assert step(run, "namespace").state == StepState.DONE
    assert not Place.objects.filter(provider=limit.name).exists()


def test_pages_and_metrics_show_the_queues_of_providers_only(world: World) -> None:
    with section_of(world.storefront, 10**9):
        assert ProviderLimit.objects.filter(name__startswith=exclusion.PREFIX).exists()
        assert not [queue for queue in turns.queues() if queue.provider.startswith(exclusion.PREFIX)]
