"""Undo an ended onboarding, retry what failed of an undo, stop an undo."""

from django.db import transaction

from catalog.models import Person, Repository, Team
from engine import interventions, runs
from engine.interventions import NotPossible
from engine.models import OPEN_STATES, StepState
from events.log import record
from onboarding.actions import rights
from onboarding.models import Onboarding, RunKind, Undo


def start(person: Person, onboarding: Onboarding) -> Undo:
    """Undo what an ended run created outside; returns the active undo where there is one. Raises NoRight, NotPossible."""
    rights.require(person, onboarding)
    with transaction.atomic():
        lock_repository(onboarding.repository)
        if Onboarding.objects.filter(repository=onboarding.repository, active=True).exists():
            raise NotPossible("A run of this repository is in progress. Cancel it first.")
        active = active_for(onboarding.repository)
        if active is not None and active.onboarding_id != onboarding.pk:
            raise NotPossible("Another run of this repository is being undone. Wait until that has ended.")
        if active is not None:
            return active
        run = runs.start(RunKind.UNDO, topic=onboarding.repository.topic, share=share_of(onboarding.team))
        undo = Undo.objects.create(run=run, onboarding=onboarding, person=person)
        record("onramp.undo.started", f"run:{onboarding.pk}", person=person.username, undo=str(run.pk))
        runs.touch(onboarding.run)
        return undo


def retry(person: Person, onboarding: Onboarding) -> None:
    """Retry the failed steps of its undo; nothing if somebody else already did. Raises NoRight, NotPossible."""
    rights.require(person, onboarding)
    undo = _active_of(onboarding)
    failed = list(undo.run.steps.filter(state=StepState.FAILED).values_list("name", flat=True))
    if not failed and not undo.run.steps.filter(state__in=OPEN_STATES).exists():
        raise NotPossible("No step of this undo has failed.")
    for name in failed:
        interventions.retry(undo.pk, name, person=person.username)


def stop(person: Person, onboarding: Onboarding) -> None:
    """Leave the rest in place. Raises NoRight, NotPossible."""
    rights.require(person, onboarding)
    interventions.cancel(_active_of(onboarding).pk, person=person.username)


def _active_of(onboarding: Onboarding) -> Undo:
    """The active undo of this very run. Raises NotPossible."""
    undo = active_for(onboarding.repository)
    if undo is None or undo.onboarding_id != onboarding.pk:
        raise NotPossible("No undo of this run is in progress.")
    return undo


def active_for(repository: Repository) -> Undo | None:
    """The active undo of any run of the repository."""
    undos = Undo.objects.filter(onboarding__repository=repository, active=True)
    return undos.select_related("run", "onboarding").first()


def share_of(team: Team | None) -> str:
    """Whose share of the workers a run uses."""
    return f"team:{team.pk}" if team is not None else ""


def lock_repository(repository: Repository) -> None:
    """Held until the transaction ends: a run and an undo of one repository never begin together."""
    Repository.objects.select_for_update(no_key=True).get(pk=repository.pk)
