"""The verbs of an onboarding, for pages, API and commands alike: check, plan, start, retry, repeat, cancel, undo."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.models import Application, Person, Repository, Team
from events.log import record
from integrations import http, providers
from integrations.cluster import Cluster
from integrations.errors import IntegrationError
from integrations.secrets import hidden
from onboarding import generate, intervening, looking, planning
from onboarding.content import Choice, Content, Correction
from onboarding.engine import progress, registry, waking
from onboarding.intervening import NotPossible
from onboarding.looking import MAY_WRITE, Look, Refused
from onboarding.models import IdempotencyKey, Kept, Onboarding, Plan, RunState, StepState, Undo
from onboarding.steps import configuration, undoing
from onboarding.steps.undoing import Leftover

RUN_KIND = "onboarding"
UNDO_KIND = "undo"
LONGEST_VALUE = 100_000
"""Characters of one value; a Secret holds at most a megabyte."""

FRESH = timedelta(minutes=10)

__all__ = ["KeyReused", "NotPossible", "PlanMoved", "Refused", "start"]


class PlanMoved(Exception):
    """The repository or the plan is no longer what was agreed to; the message says which."""


class KeyReused(Exception):
    """The same idempotency key came with another request."""


def check(person: Person, pasted: str) -> Look:
    """What an address means. Raises Refused. Where people stumble is recorded."""
    try:
        return looking.look(person, pasted)
    except Refused as error:
        record("onramp.address.refused", person=person.username, kind=error.kind, says=error.says)
        raise


def plan(
    person: Person,
    pasted: str,
    corrections: Sequence[Correction] | None = None,
    choices: Mapping[str, Choice] | None = None,
) -> Plan:
    """A new plan for the repository at this address. Given corrections are kept for every plan to come, an empty list
    forgets them; None is with those that are kept. `choices` say which of two files at one path shall stand, in this plan
    alone. Raises Refused."""
    look = check(person, pasted)
    try:
        made = planning.make(
            person, look, _kept(look) if corrections is None else corrections, choices, kept=corrections is None
        )
    except Refused as error:
        record("onramp.plan.refused", look.facts.full_name, person=person.username, kind=error.kind, says=error.says)
        raise
    if corrections is not None:
        _keep(person, made.repository, corrections)
    record("onramp.plan.shown", look.facts.full_name, person=person.username, plan=str(made.pk))
    return made


def _kept(look: Look) -> list[Correction]:
    found = look.address
    kept = Kept.objects.filter(
        repository__host=found.host, repository__owner__iexact=found.owner, repository__name__iexact=found.name
    ).first()
    return [Correction.model_validate(one) for one in kept.corrections] if kept else []


def _keep(person: Person, repository: Repository, corrections: Sequence[Correction]) -> None:
    if not corrections:
        Kept.objects.filter(repository=repository).delete()
        return
    given = {"person": person, "corrections": [one.model_dump(mode="json") for one in corrections]}
    Kept.objects.update_or_create(repository=repository, defaults=given)


def leave(person: Person, plan: Plan) -> None:
    """Somebody saw the plan and went away without starting it."""
    record("onramp.plan.left", plan.repository.full_name, person=person.username, plan=str(plan.pk))


def start(person: Person, plan: Plan, digest: str, key: str = "") -> tuple[Onboarding, bool]:
    """Run the plan; (onboarding, whether it is new). One active onboarding per repository, whoever asks how often.

    Raises PlanMoved where the plan is another or the repository has moved, Refused where it cannot start, KeyReused.
    """
    request = hashlib.sha256(f"{plan.pk}:{digest}".encode()).hexdigest()
    known = _answered(person, key, request)
    if known is not None:
        return known, False
    active = Onboarding.objects.filter(repository=plan.repository, active=True).first()
    if active is None:
        _agreed(person, plan, digest)
        created = _create(person, plan, key, request)
        if created is not None:
            return created, True
        known = _answered(person, key, request)
        if known is not None:
            return known, False
        active = Onboarding.objects.get(repository=plan.repository, active=True)
    _remember(person, key, request, active)
    return active, False


def _remember(person: Person, key: str, request: str, onboarding: Onboarding) -> None:
    if not key:
        return
    answer = {"onboarding": onboarding, "request_digest": request}
    row, _ = IdempotencyKey.objects.get_or_create(person=person, key=key, defaults=answer)
    if row.request_digest != request:
        raise KeyReused("This idempotency key was used for another request.")


def _answered(person: Person, key: str, request: str) -> Onboarding | None:
    row = IdempotencyKey.objects.filter(person=person, key=key).first() if key else None
    if row is None:
        return None
    if row.request_digest != request:
        raise KeyReused("This idempotency key was used for another request.")
    return row.onboarding


def _agreed(person: Person, plan: Plan, digest: str) -> None:
    """What is started is what was shown, and whoever starts it may do it at the source."""
    content = Content.model_validate(plan.content)
    if digest != plan.digest:
        raise PlanMoved("This is not the plan that was shown. Look at the new one.")
    if not content.can_start:
        raise Refused(
            "nothing-to-start",
            "This plan has nothing that could be started: look at what it says about the components.",
        )
    name = plan.repository.full_name
    try:
        with http.reading():
            head = looking.source().head(name, content.default_branch)
            stale = person != plan.person or timezone.now() - plan.created_at > FRESH
            right = looking.source().permission(name, person.username) if stale else "write"
    except IntegrationError as error:
        raise Refused(
            "source-down", f"Whether {name} is unchanged could not be seen: {error}. Try again in a minute."
        ) from error
    if head.commit != content.head:
        raise PlanMoved(
            f"{content.default_branch} moved from {content.head[:7]} to {head.commit[:7]} while you looked. Here is the plan as of now."
        )
    if right not in MAY_WRITE:
        raise Refused("no-right", f"You may not write to {name}, so nothing can be started in your name.")


def _create(person: Person, plan: Plan, key: str, request: str) -> Onboarding | None:
    """The run with its key in one transaction; None where somebody was quicker, with the repository or with the key."""
    try:
        with transaction.atomic():
            _shut_out(plan.repository)
            if _undo_of(plan.repository) is not None:
                raise Refused(
                    "being-undone", "An earlier run of this repository is being undone. Start when that has ended."
                )
            names = _steps(Content.model_validate(plan.content))
            run = progress.start(RUN_KIND, topic=plan.repository.topic, share=_share(plan.team), names=names)
            onboarding = Onboarding.objects.create(
                run=run, repository=plan.repository, plan=plan, team=plan.team, person=person
            )
            _reserve(plan)
            _remember(person, key, request, onboarding)
            record(
                "onramp.onboarding.started",
                f"run:{run.pk}",
                person=person.username,
                repository=plan.repository.full_name,
            )
            return onboarding
    except IntegrityError:
        taken = Onboarding.objects.filter(repository=plan.repository, active=True).exists()
        if not taken:  # not the race for the repository: something is really wrong
            raise
        return None


def _steps(content: Content) -> list[str]:
    """The steps that a run of this plan has."""
    left = set() if configuration.needed(content) else {configuration.NAME}
    return [one.name for one in registry.kinds(RUN_KIND) if one.name not in left]


def _share(team: Team | None) -> str:
    return f"team:{team.pk}" if team is not None else ""


def _reserve(plan: Plan) -> None:
    """The plan's components become applications that wait for room."""
    content = Content.model_validate(plan.content)
    for one in content.applications:
        Application.objects.update_or_create(
            team=plan.team,
            target=plan.target,
            name=one.name,
            removed_at=None,
            defaults={
                "repository": plan.repository,
                "root": one.root,
                "demand": one.demand,
                "address": one.address,
                "health_path": one.health_path or "/",
                "own_metrics": bool(one.metrics_path),
            },
        )


def visible(person: Person, onboarding_id: uuid.UUID) -> Onboarding:
    """The onboarding, if this person may see it: their team's, or started by them. Raises Onboarding.DoesNotExist."""
    row = Onboarding.objects.select_related("run", "plan", "repository", "team", "person").get(pk=onboarding_id)
    if row.person_id != person.pk and row.team not in Team.objects.of(person):
        raise Onboarding.DoesNotExist
    return row


def all_visible(person: Person) -> QuerySet[Onboarding]:
    """The onboardings that this person may see, newest first."""
    mine = Q(person=person) | Q(team__in=Team.objects.of(person))
    return (
        Onboarding.objects.filter(mine)
        .select_related("run", "plan", "repository", "team", "person")
        .order_by("-run__created_at")
    )


def visible_plan(person: Person, plan_id: uuid.UUID) -> Plan:
    """The plan, if this person made it or is of its team. Raises Plan.DoesNotExist."""
    row = Plan.objects.select_related("repository", "team", "target", "person").get(pk=plan_id)
    if row.person_id != person.pk and row.team not in Team.objects.of(person):
        raise Plan.DoesNotExist
    return row


def can_start(plan: Plan) -> bool:
    """Whether the plan has something that could be started."""
    return Content.model_validate(plan.content).can_start


def retry(person: Person, onboarding: Onboarding, step: str) -> None:
    """Try a step again, or look now at what it waits for. Raises NotPossible."""
    intervening.retry(onboarding.pk, step, person=person.username)


def enter(person: Person, onboarding: Onboarding, application: str, values: Mapping[str, str]) -> list[str]:
    """Put values of an application's variables straight into its Secret; the names that were entered. They are neither
    stored nor logged by us. Raises Refused, NotPossible."""
    content = Content.model_validate(onboarding.plan.content)
    known = {each.name for one in content.applications if one.name == application for each in one.settings}
    given = {name: value for name, value in values.items() if value}
    if onboarding.run.state != RunState.ACTIVE:
        raise NotPossible("This run has ended: change the Secret in the namespace instead.")
    if not set(given) <= known:
        raise Refused("settings", f"{application} reads no variable {', '.join(sorted(set(given) - known))[:100]}.")
    if not given:
        raise Refused("settings", "No value was entered.")
    if any(len(value) > LONGEST_VALUE or "\0" in value for value in given.values()):
        raise Refused("settings", f"A value has at most {LONGEST_VALUE:,} characters, and none of them is a zero.")
    cluster: Cluster = providers.provider("cluster")
    try:
        with hidden(given.values()):
            labels = {"app.kubernetes.io/name": application, "app.kubernetes.io/managed-by": "onramp"}
            cluster.enter(content.namespace, generate.settings_of(application), given, labels)
    except IntegrationError as error:
        raise Refused(
            "cluster", f"The cluster did not take the values ({error.message}). Nothing was kept; enter them again."
        ) from error
    record(
        "onramp.settings.entered",
        f"run:{onboarding.pk}",
        person=person.username,
        application=application,
        names=sorted(given),
    )
    waking.wake_run(onboarding.pk)
    return sorted(given)


def repeat(person: Person, onboarding: Onboarding, step: str) -> None:
    """Do a step and all after it once more; what they made stays and is found again. Raises NotPossible."""
    intervening.repeat(onboarding.pk, step, person=person.username)


def cancel(person: Person, onboarding: Onboarding, *, undone: bool = False) -> None:
    """End the run where it is. What it made stays and is listed, unless it is to be undone at once. Raises NotPossible."""
    with transaction.atomic():
        intervening.cancel(onboarding.pk, person=person.username)
        if undone:
            undo(person, onboarding)


def leftovers(onboarding: Onboarding) -> list[Leftover]:
    """What is there of what the run made, and what an undo would do with it; asks the providers, by reading only."""
    return undoing.leftovers(onboarding)


def undo(person: Person, onboarding: Onboarding) -> Undo:
    """Take back what an ended run made outside; the undo that is under way, where there is one. Raises NotPossible."""
    with transaction.atomic():
        _shut_out(onboarding.repository)
        if Onboarding.objects.filter(repository=onboarding.repository, active=True).exists():
            raise NotPossible("A run of this repository is under way. Cancel it first.")
        known = _undo_of(onboarding.repository)
        if known is not None and known.onboarding_id != onboarding.pk:
            raise NotPossible("Another run of this repository is being undone. Wait for its end.")
        if known is not None:
            return known
        run = progress.start(UNDO_KIND, topic=onboarding.repository.topic, share=_share(onboarding.team))
        made = Undo.objects.create(run=run, onboarding=onboarding, person=person)
        record("onramp.undo.started", f"run:{onboarding.pk}", person=person.username, undo=str(run.pk))
        progress.touch(onboarding.run)
        return made


def undo_again(person: Person, onboarding: Onboarding) -> None:
    """Try again what of its undo failed. Raises NotPossible."""
    known = _own_undo(onboarding)
    failed = list(known.run.steps.filter(state=StepState.FAILED).values_list("name", flat=True))
    if not failed:
        raise NotPossible("Nothing of this undo has failed.")
    for name in failed:
        intervening.retry(known.pk, name, person=person.username)


def stop_undoing(person: Person, onboarding: Onboarding) -> None:
    """Leave the rest where it is. Raises NotPossible."""
    intervening.cancel(_own_undo(onboarding).pk, person=person.username)


def _own_undo(onboarding: Onboarding) -> Undo:
    """The undo of this very run that is under way. Raises NotPossible."""
    known = _undo_of(onboarding.repository)
    if known is None or known.onboarding_id != onboarding.pk:
        raise NotPossible("No undo of this run is under way.")
    return known


def _undo_of(repository: Repository) -> Undo | None:
    found = Undo.objects.filter(onboarding__repository=repository, active=True)
    return found.select_related("run", "onboarding").first()


def _shut_out(repository: Repository) -> None:
    """Held until the transaction ends: a run and an undo of one repository never begin together."""
    Repository.objects.select_for_update(no_key=True).get(pk=repository.pk)
