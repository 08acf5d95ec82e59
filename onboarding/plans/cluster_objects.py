"""The cluster objects of a plan, checked by a dry run where the namespace exists and offline where it does not yet."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.models import Repository, Target, Team
from integrations.cluster import ClusterReader, cluster_reader
from integrations.errors import IntegrationError
from integrations.secrets import redact
from onboarding.plans.content import Change, PlannedObject
from tenancy.namespace import planned_objects


def planned(
    team: Team,
    target: Target,
    pipeline_manifests: Sequence[dict[str, Any]],
    repository: Repository,
    demands: Mapping[str, Mapping[str, str]],
) -> tuple[dict[str, Any] | None, list[PlannedObject], list[str]]:
    """(the namespace as it is, or None; all objects of the plan; warnings about what could not be checked and is left to the
    run). Raises IntegrationError."""
    name, warnings = target.namespace_of(team), []
    manifests = planned_objects(team, target, name, repository, demands)
    try:
        namespace, ours = _checked(cluster_reader(), name, manifests)
    except IntegrationError as error:
        namespace, ours = None, [_planned(each, Change.UNKNOWN, "could not be checked") for each in manifests]
        warnings.append(
            f"The cluster could not be asked what exists in {name}, and whether it accepts the objects: {redact(str(error))}. "
            "The run will check."
        )
    theirs = [
        _planned(manifest, Change.BY_PIPELINE, "checked offline: the pipeline applies it")
        for manifest in pipeline_manifests
    ]
    return namespace, [*ours, *theirs], warnings


def _checked(
    cluster: ClusterReader, name: str, manifests: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any] | None, list[PlannedObject]]:
    namespace = cluster.get("Namespace", None, name)
    if namespace is not None:
        return namespace, _dry_run(cluster, manifests)
    offline = "checked offline: the namespace does not exist yet"
    return None, [_planned(each, Change.CREATE, offline) for each in manifests]


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
