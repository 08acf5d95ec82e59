"""Start an onboarding, retry a step, re-run from a step, cancel."""

import hashlib
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog import ownership
from catalog.models import Application, Person, Repository
from engine import interventions, runs, waking
from engine.interventions import NotPossible
from engine.models import RunState
from events.log import record
from integrations import http
from integrations.errors import IntegrationError, Missing
from integrations.source import identity, source_reader
from onboarding.actions import idempotency, rights, undos
from onboarding.blockers import lifecycle
from onboarding.models import Onboarding, Plan, RunKind
from onboarding.plans.content import Content
from onboarding.plans.preflight import CAN_WRITE, RequestRejected
from onboarding.steps import golden_path

PERMISSION_AGE = timedelta(minutes=10)
"""For this long after a plan was created, its author's write permission is not checked again."""


class PlanMoved(Exception):
    """The repository or the plan is no longer what was agreed to; the message says which."""


def start(person: Person, plan: Plan, digest: str, key: str = "") -> tuple[Onboarding, bool]:
    """Run the plan; (onboarding, whether it is new). One active onboarding per repository, however often it is requested.

    Raises PlanMoved where the plan differs or the repository has moved, RequestRejected where it cannot start, idempotency.KeyReused.
    """
    request = hashlib.sha256(f"{plan.pk}:{digest}".encode()).hexdigest()
    answered = _answered(person, key, request)
    if answered is not None:
        return answered, False
    _verify_permission(person, plan)
    active = _active(person, plan.repository)
    if active is None:
        _verify_agreement(plan, digest)
        created = _create(person, plan, key, request)
        if created is not None:
            return created, True
        answered = _answered(person, key, request)
        if answered is not None:
            return answered, False
        active = _active(person, plan.repository)
        if active is None:
            raise _not_available(plan.repository)
    idempotency.remember(person, key, request, active)
    return active, False


def _answered(person: Person, key: str, request: str) -> Onboarding | None:
    """The run that this key was answered with. Raises RequestRejected where the person can no longer see it."""
    answered = idempotency.answered(person, key, request)
    if answered is not None and not Onboarding.objects.visible_to(person).filter(pk=answered.pk).exists():
        raise _not_available(answered.repository)
    return answered


def _active(person: Person, repository: Repository) -> Onboarding | None:
    """Raises RequestRejected where there is one that the person cannot see; the message says nothing about it."""
    active = Onboarding.objects.filter(repository=repository, active=True).first()
    # Check that very run: another request can start one between two queries.
    if active is not None and not Onboarding.objects.visible_to(person).filter(pk=active.pk).exists():
        raise _not_available(repository)
    return active


def _not_available(repository: Repository) -> RequestRejected:
    message = f"Nothing can start for {repository.full_name} right now. Ask the team that owns it."
    return RequestRejected("not-available", message)


def _verify_permission(person: Person, plan: Plan) -> None:
    """Its repository is still the one of this name, and the person who starts the plan may write to it."""
    repository = plan.repository
    name, id = repository.full_name, repository.external_id
    recheck = person != plan.person or timezone.now() - plan.created_at > PERMISSION_AGE
    try:
        with http.read_only():
            facts = identity.facts_of(name, id)
            permission = source_reader().permission(facts.full_name, person.username) if recheck else "write"
    except Missing as error:
        message = f"The repository that this plan was made for is gone: {name} was deleted, or is hidden from Onramp."
        raise RequestRejected("repository-gone", message) from error
    except IntegrationError as error:
        message = f"Onramp could not check whether you can write to {name}: {error}. Try again in a minute."
        raise RequestRejected("source-down", message) from error
    if permission not in CAN_WRITE:
        raise RequestRejected("no-right", f"You cannot write to {name}, so nothing can start in your name.")


def _verify_agreement(plan: Plan, digest: str) -> None:
    """What starts is what was shown."""
    content, name = Content.model_validate(plan.content), plan.repository.full_name
    if digest != plan.digest:
        raise PlanMoved("This is not the plan that was shown. Review the current one.")
    if not content.can_start:
        message = "This plan has nothing that can be started. See what it says about the components."
        raise RequestRejected("nothing-to-start", message)
    try:
        with http.read_only():
            head = source_reader().head(name, content.default_branch)
    except IntegrationError as error:
        message = f"Onramp could not check whether {name} is unchanged: {error}. Try again in a minute."
        raise RequestRejected("source-down", message) from error
    if head.commit != content.head:
        raise PlanMoved(
            f"{content.default_branch} moved from {content.head[:7]} to {head.commit[:7]} while you were reading. This is the "
            "current plan."
        )


def continue_plan(ended: Onboarding) -> Onboarding | None:
    """A new run of the plan of one that has ended, by the same person. Who let that one into the namespace lets in this one,
    if they still speak for the team. None where another run of the repository is active. Raises PlanMoved and RequestRejected."""
    if Onboarding.objects.filter(repository=ended.repository_id, active=True).exists():
        return None
    return _create(ended.person, ended.plan, "", "", agreed_by=ended.agreed_by)


def _create(
    person: Person, plan: Plan, key: str, request: str, *, agreed_by: Person | None = None
) -> Onboarding | None:
    """The run with its key in one transaction; None where another request was faster, for the repository or the key."""
    try:
        with transaction.atomic():
            undos.lock_repository(plan.repository)
            if not Plan.objects.select_for_update(no_key=True).filter(pk=plan.pk).exists():
                raise PlanMoved("The plan that was shown has been removed because of its age. Review the current one.")
            if undos.active_for(plan.repository) is not None:
                message = "An earlier run of this repository is being undone. Start again once that has ended."
                raise RequestRejected("being-undone", message)
            speaker = next(
                (each for each in (person, agreed_by) if each and plan.team and each.speaks_for(plan.team)), None
            )
            agreed = speaker is not None
            run = runs.start(
                RunKind.ONBOARDING,
                topic=plan.repository.topic,
                share=undos.share_of(plan.team if agreed else ownership.team_of(person)),
                names=golden_path.steps_of(Content.model_validate(plan.content)),
            )
            onboarding = Onboarding.objects.create(
                run=run,
                repository=plan.repository,
                plan=plan,
                team=plan.team,
                person=person,
                agreed_by=speaker,
            )
            if agreed:
                _reserve(plan)
            idempotency.remember(person, key, request, onboarding)
            facts = {"person": person.username, "repository": plan.repository.full_name}
            record("onramp.onboarding.started", f"run:{run.pk}", **facts)
            return onboarding
    except IntegrityError:
        if not Onboarding.objects.filter(repository=plan.repository, active=True).exists():
            raise  # not the race for the repository: something is wrong
        return None


def _reserve(plan: Plan) -> None:
    """The plan's components become applications that wait for a grant, once somebody of the team has let them in. Raises
    PlanMoved where a name belongs to another repository by now."""
    for application in Content.model_validate(plan.content).applications:
        values = {
            "root": application.root,
            "requested": application.demand,
            "address": application.address,
            "health_path": application.health_path or "/",
            "own_metrics": bool(application.metrics_path),
        }
        row, created = Application.objects.select_related("repository").get_or_create(
            team=plan.team,
            target=plan.target,
            name=application.name,
            removed_at=None,
            defaults=values | {"repository": plan.repository, "demand": application.demand},
        )
        if row.repository_id != plan.repository_id:
            raise PlanMoved(
                f"{row.repository} has taken the name {application.name} in the team's namespace meanwhile."
            )
        if not created:
            Application.objects.filter(pk=row.pk).update(**values)


def agree(person: Person, onboarding: Onboarding) -> None:
    """Let the run into its team's namespace. Raises NoRight, NotPossible."""
    team = onboarding.team
    if team is None or not person.speaks_for(team):
        raise rights.NoRight(f"Only members of {team or 'its team'} and of its platform team can agree to this run.")
    if onboarding.is_agreed or onboarding.run.state != RunState.ACTIVE:
        raise NotPossible("This run does not wait for an agreement.")
    with transaction.atomic():
        _reserve_for(onboarding)
        before = onboarding.agreed_by.username if onboarding.agreed_by else None
        Onboarding.objects.filter(pk=onboarding.pk).update(agreed_by=person)
        facts = {"team": team.key, "repository": onboarding.repository.full_name, "before": before}
        record(
            "onramp.onboarding.agreed", f"run:{onboarding.pk}", person=person.username, after=person.username, **facts
        )
        for blocker in lifecycle.open_blockers(onboarding.run):
            waking.wake_run(blocker.pk)


def _reserve_for(onboarding: Onboarding) -> None:
    """Raises NotPossible where another repository of the team has a name of this plan by now."""
    try:
        _reserve(onboarding.plan)
    except PlanMoved as error:
        message = f"{error} Cancel this run, and ask {onboarding.person} to create a new plan."
        raise NotPossible(message) from error


def retry(person: Person, onboarding: Onboarding, step: str) -> None:
    """Retry a step, or check now what it waits for. Raises NoRight, NotPossible."""
    rights.require(person, onboarding)
    interventions.retry(onboarding.pk, step, person=person.username)


def rerun(person: Person, onboarding: Onboarding, step: str) -> None:
    """Run a step and everything after it again; their effects stay and are found again. Raises NoRight, NotPossible."""
    rights.require(person, onboarding)
    interventions.rerun(onboarding.pk, step, person=person.username)


def cancel(person: Person, onboarding: Onboarding, *, undo: bool = False) -> None:
    """End the run where it is. Its effects stay and are listed, unless they are undone at once. Raises NoRight, NotPossible."""
    rights.require(person, onboarding)
    with transaction.atomic():
        if undo:
            undos.lock_repository(onboarding.repository)  # before the run, as when an undo starts
        interventions.cancel(onboarding.pk, person=person.username)
        if undo:
            undos.start(person, onboarding)
