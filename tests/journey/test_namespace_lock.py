"""One run of a team at a time reads what the team has been granted and writes the sum; the others wait without a worker."""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from catalog.models import Team
from engine.models import StepState
from integrations import exclusion, turns
from integrations.errors import IntegrationError, Transient
from integrations.exclusion import Section
from integrations.models import Place, ProviderLimit
from tests.journey.conftest import World
from tests.journey.engine import step


@dataclass(frozen=True)
class Waiter:
    pk: int
    share: str = "acme-storefront"


def section_of(team: Team, waiter: int) -> AbstractContextManager[Section]:
    return exclusion.section(f"namespace {team.pk}", f"The namespace of {team.name}", Waiter(waiter))


def test_a_worker_that_hangs_loses_the_section(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one gets it, and what the first still wants to write is refused."""
    monkeypatch.setattr(exclusion, "SECONDS", 0.3)
    monkeypatch.setattr(turns, "MARGIN", 0.1)
    held, held_by_another = threading.Event(), threading.Event()
    errors: list[IntegrationError] = []

    def hang() -> None:
        try:
            with section_of(world.storefront, 10**9) as section:
                held.set()
                assert held_by_another.wait(10)
                with transaction.atomic():
                    section.hold()
        except Transient as error:
            errors.append(error)
        finally:
            connection.close()

    hanging = threading.Thread(target=hang)
    hanging.start()
    assert held.wait(10)
    with section_of(world.storefront, 10**9 + 1) as section, transaction.atomic():
        held_by_another.set()
        section.hold()
    hanging.join(10)
    assert [str(error) for error in errors] == [
        "The namespace of Storefront: it took so long that another worker may have begun"
    ]


def test_nobody_takes_the_section_while_it_is_held_in_a_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusion, "SECONDS", 0.1)
    monkeypatch.setattr(turns, "MARGIN", 0.1)
    order: list[str] = []

    def take_over() -> None:
        try:
            with section_of(world.storefront, 10**9 + 1):
                order.append("the other took it")
        finally:
            connection.close()

    with section_of(world.storefront, 10**9) as section, transaction.atomic():
        section.hold()
        other = threading.Thread(target=take_over)
        other.start()
        other.join(0.5)  # its time is over long since
        order.append("the first committed")
    other.join(10)
    assert order == ["the first committed", "the other took it"]


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
        Place.objects.filter(waiter=None).delete()
    world.engine.drain()
    assert step(run, "namespace").state == StepState.DONE
    assert not Place.objects.filter(provider=limit.name).exists()


def test_pages_and_metrics_show_the_queues_of_providers_only(world: World) -> None:
    with section_of(world.storefront, 10**9):
        assert ProviderLimit.objects.filter(name__startswith=exclusion.PREFIX).exists()
        assert not [queue for queue in turns.queues() if queue.provider.startswith(exclusion.PREFIX)]
