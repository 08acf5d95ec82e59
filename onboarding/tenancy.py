"""The tenant's room, filled in for one team: what `generate.room` makes of our rows."""

from collections.abc import Mapping
from typing import Any

from catalog.models import Application, Repository, Target, Team
from integrations.registry import PullAccess
from onboarding import allowance
from onboarding.generate.room import room as drawn

DEPLOYER_PREFIX = "github:"
"""What the cluster puts before the `sub` claim of a pipeline's OIDC token; see docs/operating.md."""


def deployer(repository: Repository, default_branch: str) -> str:
    """The user that the cluster sees when this repository's default branch deploys."""
    return f"{DEPLOYER_PREFIX}repo:{repository.full_name}:ref:refs/heads/{default_branch}"


def deployers(team: Team, target: Target) -> list[str]:
    """All pipelines that deploy into the team's namespace."""
    rows = Application.objects.held(team, target).select_related("repository").order_by("repository_id")
    return sorted({deployer(row.repository, row.repository.default_branch) for row in rows})


def room(team: Team, target: Target, namespace: str, pull: PullAccess | None) -> list[dict[str, Any]]:
    """Every object of the namespace, in the order in which they can be applied. `pull` None leaves the secret out."""
    return drawn(
        team=team.slug,
        namespace=namespace,
        quota=allowance.hard(team, target),
        deployers=deployers(team, target),
        sso_group=team.sso_group,
        registry=None if pull is None else (pull.host, pull.user, pull.token.get_secret_value()),
    )


def quota(team: Team, target: Target, namespace: str) -> dict[str, Any]:
    """The namespace's ResourceQuota as of now."""
    return next(one for one in room(team, target, namespace, None) if one["kind"] == "ResourceQuota")


def planned(
    team: Team, target: Target, namespace: str, repository: Repository, demands: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """The room as it would be with these applications of this repository, without the registry's secret."""
    others = Application.objects.held(team, target).granted().exclude(repository=repository.pk)
    amounts = allowance.total([*others.values_list("demand", flat=True), *demands.values()])
    return drawn(
        team=team.slug,
        namespace=namespace,
        quota=allowance.shown(amounts),
        deployers=sorted({*deployers(team, target), deployer(repository, repository.default_branch)}),
        sso_group=team.sso_group,
        registry=None,
    )
