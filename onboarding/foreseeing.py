"""Which causes will stop the run as things are now: told on the plan, before anybody waits for a ticket."""

from collections.abc import Mapping
from typing import Any

from catalog.models import Repository, Target, Team
from integrations.errors import IntegrationError
from integrations.source import RepositoryFacts
from onboarding import allowance, causes_room, causes_source
from onboarding.causes import Cause
from onboarding.content import Foreseen
from onboarding.models import Move


def foreseen(
    repository: Repository,
    facts: RepositoryFacts,
    team: Team,
    target: Target,
    namespace: dict[str, Any] | None,
    demands: list[Mapping[str, str]],
    *,
    unowned: bool,
) -> tuple[list[Foreseen], list[str]]:
    """(the causes, what could not be seen now and is left to the run). By looking only."""
    unseen: list[str] = []
    causes: list[Cause] = []
    if unowned:
        causes.append(causes_source.unowned(repository, team))
    if not facts.writable:
        causes.append(causes_source.access(repository, team, f"{facts.full_name} can be read but not written to"))
    if facts.archived:
        causes.append(causes_source.archived(repository, team))
    if namespace is not None and causes_room.owned_by(namespace) != team.slug:
        causes.append(causes_room.namespace_owned(target.namespace_of(team), team, causes_room.owned_by(namespace)))
    try:
        causes += _too_small(repository, team, target, demands)
    except IntegrationError as error:
        unseen.append(
            f"Whether the allowance of {team.name} has room for this could not be seen: {error}. The run will look."
        )
    return [_foreseen(cause) for cause in causes], unseen


def _too_small(repository: Repository, team: Team, target: Target, demands: list[Mapping[str, str]]) -> list[Cause]:
    if repository.pk and repository.applications.filter(granted_at__isnull=False, removed_at=None).exists():
        return []  # it has its room already
    found = allowance.account(causes_room.reader(), target, team, demands)
    return [] if found.fits else [causes_room.allowance(team, target, found)]


def _foreseen(cause: Cause) -> Foreseen:
    return Foreseen(
        kind=cause.kind,
        summary=cause.summary,
        explanation=cause.explanation,
        owner=cause.owner,
        ticket=cause.owner == Move.PLATFORM,
    )
