"""Where a plan's applications would run and whose they would be: repository, team, target and providers."""

import generate
from catalog import ownership
from catalog.models import Person, Repository, Target, Team
from integrations import providers
from integrations.logs import logs_reader
from integrations.metrics import metrics
from integrations.registry import registry
from integrations.source import RepositoryFacts, source_reader
from onboarding.plans.preflight import RepositoryCheck, RequestRejected
from onboarding.plans.snapshot import Snapshot


def repository_of(check: RepositoryCheck) -> Repository:
    """The catalog's row, saved only with a plan: a rejected address leaves nothing behind."""
    address = check.address
    rows = Repository.objects.filter(host=address.host, owner__iexact=address.owner, name__iexact=address.name)
    owner, _, name = check.facts.full_name.partition("/")
    row = rows.first() or Repository(host=address.host, owner=owner, name=name)
    row.default_branch, row.private = check.facts.default_branch, check.facts.private
    return row


def team_of(person: Person, repository: Repository, taken: Snapshot) -> tuple[Team, bool]:
    """(the team, whether it is only assumed because nobody owns the repository). Raises RequestRejected."""
    paths = source_reader().codeowners_paths
    codeowners = next((taken.texts[path] for path in paths if path in taken.texts), "")
    owner = ownership.owner(repository, codeowners=codeowners)
    team = owner or ownership.team_of(person)
    if team is None:
        message = (
            "You are not on any team that Onramp knows, and the repository names no owner. Ask your platform team to add you "
            "to a team."
        )
        raise RequestRejected("no-team", message)
    return team, owner is None


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


def placement_of(facts: RepositoryFacts, team: Team, target: Target) -> generate.Placement:
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
    )
