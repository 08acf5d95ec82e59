"""The team's room on the cluster: its namespace with the guard rails, as large as its applications need."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Application, Team
from integrations import providers
from integrations.registry import RegistryReader
from onboarding import allowance, blocking, causes_room, tenancy
from onboarding.engine import hold
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome
from onboarding.engine.work import Work
from onboarding.steps.journey import Journey, cluster, journey
from onboarding.steps.outside import changing, meets

MANAGER = "onramp"


@meets("cluster")
def perform(work: Work) -> Outcome:
    own = journey(work)
    namespace = own.content.namespace
    found = cluster().get("Namespace", None, namespace)
    if found is not None and causes_room.owned_by(found) != own.team.slug:
        return blocking.blocked(causes_room.namespace_owned(namespace, own.team, causes_room.owned_by(found)))
    refused = _grant(own)
    if refused is not None:
        return refused
    registry: RegistryReader = providers.provider("registry")
    for manifest in tenancy.room(own.team, own.target, own.content.namespace, registry.pull_access()):
        if manifest["kind"] != "ResourceQuota":
            _apply(work, manifest)
    with _one_at_a_time(own.team):
        _apply(work, tenancy.quota(own.team, own.target, own.content.namespace))
    return Done(
        f"The namespace {namespace} is {own.team.name}'s, with room for {_names(own)}.", {"namespace": namespace}
    )


def _grant(own: Journey) -> Outcome | None:
    """Room is granted to one run of the team after the other, so that two together never overdraw."""
    waiting = [row for row in own.applications if row.granted_at is None]
    if not waiting:
        return None
    with _one_at_a_time(own.team):
        found = allowance.account(cluster(), own.target, own.team, [row.demand for row in waiting])
        if not found.fits:
            return blocking.blocked(causes_room.allowance(own.team, own.target, found), detail=found.says())
        with transaction.atomic():
            Application.objects.filter(pk__in=[row.pk for row in waiting]).update(granted_at=timezone.now())
    return None


@contextmanager
def _one_at_a_time(team: Team) -> Iterator[None]:
    """A lock of the database's session around reading the sum and writing it: the older sum must not win.

    It is a lease as well: the database ends a session that says nothing for so long, or a worker that stands still would
    hold up the whole team.
    """
    lease = f"{hold.LEASE.total_seconds()}s"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('idle_session_timeout', %s, false), pg_advisory_lock(hashtext('room'), %s)",
            [lease, team.pk],
        )
        try:
            yield
        finally:
            cursor.execute(
                "SELECT pg_advisory_unlock(hashtext('room'), %s), set_config('idle_session_timeout', '0', false)",
                [team.pk],
            )


def _apply(work: Work, manifest: dict[str, Any]) -> None:
    """A server-side apply may be repeated, so it needs no look beforehand; a conflict is shown, never forced."""
    metadata = manifest["metadata"]
    place = f"{metadata['namespace']}/" if "namespace" in metadata else ""
    kind, name = manifest["kind"], f"{place}{metadata['name']}"

    def make() -> Made:
        applied = cluster().apply(manifest, manager=MANAGER)
        return Made({"uid": applied.uid, "created": work.began_with(kind, name, applied.created)})

    work.ensure(kind, name, make=changing(make))


def _names(own: Journey) -> str:
    return ", ".join(one.name for one in own.content.applications)
