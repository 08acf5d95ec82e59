"""The objects of a team's tenant namespace: `generate.namespace`, filled in from our rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.models import Application, Repository, Target, Team
from generate.namespace import QUOTA
from generate.namespace import objects as namespace_objects
from integrations.pipelines import Deploying, pipelines_reader
from integrations.registry import PullAccess
from tenancy import allowance

TEAM_LABEL = allowance.TEAM_LABEL


def owner_of(manifest: dict[str, Any]) -> str | None:
    """The key of the team that a namespace is labelled with; None without a label."""
    owner = (manifest["metadata"].get("labels") or {}).get(TEAM_LABEL)
    return str(owner) if owner is not None else None


def is_being_deleted(manifest: dict[str, Any]) -> bool:
    """Whether a namespace waits for its deletion; nothing can be created in it then."""
    return "deletionTimestamp" in manifest["metadata"]


def deployer(repository: Repository, default_branch: str) -> str:
    """The user that the cluster sees when this repository's default branch deploys. Raises IntegrationError."""
    owner, name = repository.owner_external_id, repository.full_name
    return pipelines_reader().deployer(Deploying(repository.external_id, owner, name, default_branch))


def deployers(team: Team, target: Target) -> list[str]:
    """All pipelines that deploy into the team's namespace: those of its own repositories. An application's row exists once
    somebody of the team has let it in; a repository that belongs to another team by now is out."""
    held = Application.objects.held(team, target).filter(repository__team=team)
    rows = held.select_related("repository").order_by("repository_id")
    return sorted({deployer(row.repository, row.repository.default_branch) for row in rows})


def objects(team: Team, target: Target, namespace: str, pull: PullAccess | None) -> list[dict[str, Any]]:
    """Every object of the namespace, in the order in which they can be applied. `pull` None leaves the pull secret out."""
    registry = None if pull is None else (pull.host, pull.user, pull.token.get_secret_value())
    return _objects(team, target, namespace, allowance.quota(team, target), deployers(team, target), registry)


def quota(team: Team, target: Target, namespace: str) -> dict[str, Any]:
    """The namespace's ResourceQuota as of now."""
    return next(manifest for manifest in objects(team, target, namespace, None) if is_quota(manifest))


def is_quota(manifest: dict[str, Any]) -> bool:
    """Whether this is the quota that grows with the team's applications."""
    return (manifest["kind"], manifest["metadata"]["name"]) == ("ResourceQuota", QUOTA)


def planned_objects(
    team: Team, target: Target, namespace: str, repository: Repository, demands: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """The objects as they would be with these applications of this repository, without the pull secret."""
    others = Application.objects.held(team, target).granted().exclude(repository=repository.pk)
    quota = allowance.quota_of([*others.values_list("demand", flat=True), *demands.values()])
    pipelines = sorted({*deployers(team, target), deployer(repository, repository.default_branch)})
    return _objects(team, target, namespace, quota, pipelines, None)


def _objects(
    team: Team,
    target: Target,
    namespace: str,
    quota: Mapping[str, str],
    pipelines: Sequence[str],
    registry: tuple[str, str, str] | None,
) -> list[dict[str, Any]]:
    return namespace_objects(
        team=team.key,
        namespace=namespace,
        quota=quota,
        deployers=pipelines,
        sso_group=team.sso_group,
        registry=registry,
        address=target.address,
        cluster_url=target.cluster_url,
        egress=target.egress,
    )
