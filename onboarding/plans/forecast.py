"""Which causes would stop the run right now: shown on the plan, before anybody waits for a ticket."""

from collections.abc import Mapping
from typing import Any

from catalog.models import Application, Person, Repository, Target, Team
from engine.models import Move
from integrations.cluster import cluster_reader
from integrations.errors import IntegrationError
from integrations.source import RepositoryFacts
from onboarding.blockers import agreement
from onboarding.blockers import namespace as namespace_causes
from onboarding.blockers import owner as owner_causes
from onboarding.blockers import source as source_causes
from onboarding.blockers.causes import Cause
from onboarding.plans.content import PredictedBlocker
from onboarding.plans.placement import Basis
from tenancy import allowance
from tenancy.namespace import owner_of


def forecast(
    person: Person,
    repository: Repository,
    facts: RepositoryFacts,
    team: Team,
    target: Target,
    namespace: dict[str, Any] | None,
    demands: Mapping[str, Mapping[str, str]],
    *,
    basis: Basis,
) -> tuple[list[PredictedBlocker], list[str]]:
    """(the blockers, warnings about what could not be checked and is left to the run). Only reads."""
    warnings: list[str] = []
    causes: list[Cause] = []
    if basis == Basis.ASSUMED:
        causes.append(owner_causes.unowned(repository, team))
    if not person.speaks_for(team):
        causes.append(agreement.needed(repository, team, person))
    if not facts.writable:
        causes.append(source_causes.access(repository, team, f"{facts.full_name} can be read but not written to"))
    if facts.archived:
        causes.append(source_causes.archived(repository, team))
    if namespace is not None and owner_of(namespace) != team.key:
        causes.append(namespace_causes.owned_by_others(target.namespace_of(team), team, owner_of(namespace)))
    try:
        causes += _allowance(repository, team, target, demands)
    except IntegrationError as error:
        warnings.append(f"Could not check whether the allowance of {team.name} has room: {error}. The run will check.")
    return [_predicted(cause) for cause in causes], warnings


def _allowance(
    repository: Repository, team: Team, target: Target, demands: Mapping[str, Mapping[str, str]]
) -> list[Cause]:
    """What the applications request beyond what they were granted before."""
    held = Application.objects.held(team, target).granted().filter(repository=repository.pk)
    granted = dict(held.values_list("name", "demand"))
    requested = [allowance.difference(demand, granted.get(name, {})) for name, demand in demands.items()]
    if not any(requested):
        return []
    account = allowance.account(cluster_reader(), target, team, requested)
    return [] if account.fits else [namespace_causes.allowance(team, target, account)]


def _predicted(cause: Cause) -> PredictedBlocker:
    return PredictedBlocker(
        kind=cause.kind.name,
        summary=cause.summary,
        explanation=cause.explanation,
        owner=cause.owner,
        ticket=cause.owner == Move.PLATFORM,
    )
