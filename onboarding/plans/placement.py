"""Where a plan's applications would run and whose they would be: repository, team, target and providers."""

from enum import StrEnum

import generate
from catalog import ownership
from catalog.models import Person, Repository, Target, Team
from integrations import providers
from integrations.logs import logs_reader
from integrations.metrics import metrics
from integrations.registry import registry
from integrations.source import RepositoryFacts, source_reader
from onboarding.plans.preflight import RequestRejected
from onboarding.plans.snapshot import Snapshot


class Basis(StrEnum):
    """Why a plan is for its team. Only the first is ownership; the others are put to somebody who may decide."""

    OWNED = "owned"
    SUGGESTED = "suggested"
    """The repository's CODEOWNERS file names the team: somebody of it has to agree."""
    ASSUMED = "assumed"
    """It is the team of the person who asked: the platform team has to say who owns the repository."""


def team_of(person: Person, repository: Repository, taken: Snapshot) -> tuple[Team, Basis]:
    """The team that the plan is for. Raises RequestRejected."""
    owner = ownership.owner(repository, person)
    if owner is not None:
        return owner, Basis.OWNED
    paths = source_reader().codeowners_paths
    suggested = ownership.suggested(repository, next((taken.texts[path] for path in paths if path in taken.texts), ""))
    if suggested is not None:
        return suggested, Basis.SUGGESTED
    team = ownership.team_of(person)
    if team is None:
        message = (
            "You are not on any team that Onramp knows, and nobody has said who owns the repository. Ask your platform team to "
            "add you to a team."
        )
        raise RequestRejected("no-team", message)
    return team, Basis.ASSUMED


def target_of(team: Team) -> Target:
    """Raises RequestRejected."""
    target = Target.objects.filter(organisation=team.organisation).first()
    if target is None:
        message = f"{team.organisation} has no target to deploy to yet. The platform team must add one."
        raise RequestRejected("no-target", message)
    return target


def providers_of_golden_path() -> dict[str, str]:
    """Capability → the provider that fills it: the default of the golden path."""
    offered = {capability.name: capability.offered() for capability in providers.capabilities()}
    return {capability: names[0] for capability, names in offered.items() if names}


def placement_of(facts: RepositoryFacts, team: Team, target: Target, taken: Snapshot) -> generate.Placement:
    owner, _, name = facts.full_name.partition("/")
    return generate.Placement(
        owner=owner,
        repository=name,
        default_branch=facts.default_branch,
        team=team.slug,
        namespace=target.namespace_of(team),
        registry_host=registry().host,
        cluster_url=target.cluster_url,
        cluster_ca=target.cluster_ca or None,
        oidc_audience=target.oidc_audience,
        address=target.address,
        metrics_annotations=metrics().pod_annotations,
        log_annotations=logs_reader().pod_annotations,
        checkout={
            **({"lfs": True} if taken.has_large_files else {}),
            **({"submodules": "recursive"} if taken.submodules else {}),
        },
    )
