"""The cluster objects of a plan, checked by a dry run where the namespace exists and offline where it does not yet."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.models import Repository, Target, Team
from integrations.cluster import ClusterReader, cluster_reader
from onboarding.plans.content import Change, PlannedObject
from tenancy.namespace import planned_objects


def planned(
    team: Team,
    target: Target,
    pipeline_manifests: Sequence[dict[str, Any]],
    repository: Repository,
    demands: Mapping[str, Mapping[str, str]],
) -> tuple[dict[str, Any] | None, list[PlannedObject]]:
    """(the namespace as it is, or None; all objects of the plan). Raises IntegrationError."""
    cluster, name = cluster_reader(), target.namespace_of(team)
    namespace = cluster.get("Namespace", None, name)
    manifests = planned_objects(team, target, name, repository, demands)
    if namespace is None:
        ours = [
            _planned(each, Change.CREATE, "checked offline: the namespace does not exist yet") for each in manifests
        ]
    else:
        ours = _dry_run(cluster, manifests)
    theirs = [
        _planned(manifest, Change.BY_PIPELINE, "checked offline: the pipeline applies it")
        for manifest in pipeline_manifests
    ]
    return namespace, [*ours, *theirs]


def _dry_run(cluster: ClusterReader, manifests: Sequence[dict[str, Any]]) -> list[PlannedObject]:
    refused = {(refusal.kind, refusal.name): refusal.message for refusal in cluster.dry_run(manifests)}
    outdated = cluster.outdated(manifests)
    objects = []
    for manifest in manifests:
        kind, metadata = manifest["kind"], manifest["metadata"]
        exists = cluster.get(kind, metadata.get("namespace"), metadata["name"]) is not None
        checked = refused.get((kind, metadata["name"]), "accepted by the cluster's dry run")
        change = (Change.UPDATE if exists else Change.CREATE) if manifest in outdated else Change.NONE
        objects.append(_planned(manifest, change, checked))
    return objects


def _planned(manifest: dict[str, Any], change: Change, checked: str) -> PlannedObject:
    metadata = manifest["metadata"]
    return PlannedObject(
        kind=manifest["kind"],
        name=metadata["name"],
        namespace=metadata.get("namespace", ""),
        change=change,
        checked=checked,
        manifest=manifest,
    )
