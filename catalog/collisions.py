"""What must not be the same for two teams: their names on clusters, which may be shared, and the groups with rights there."""

from collections.abc import Iterable, Iterator

from catalog.models import MAX_LABEL, Organisation, Target, Team, team_key

RESERVED = {"default", "onramp", "onramp-access", "onramp-allowances"}
RESERVED_PREFIX = "kube-"


class Collision(Exception):
    """Two teams would share something; the message says which and what to change."""


def check_key(organisation: Organisation, slug: str) -> None:
    """Raises Collision where a new team of this slug would have a key that is too long, or another team's."""
    key = team_key(organisation.slug, slug)
    if len(key) > MAX_LABEL:
        raise Collision(f"The name {key} on clusters has more than {MAX_LABEL} characters. Use a shorter slug.")
    other = Team.objects.filter(key=key).select_related("organisation").first()
    if other is not None:
        raise Collision(
            f"The teams {organisation.slug}/{slug} and {other.organisation.slug}/{other.slug} would both be called {key} on a "
            "cluster. Give one of them another slug."
        )


def check_external_id(team: Team) -> None:
    """Raises Collision where the file gives a team the id of another."""
    others = Team.objects.filter(organisation=team.organisation, external_id=team.external_id).exclude(pk=team.pk)
    if team.external_id and (other := others.first()) is not None:
        raise Collision(f"The id {team.external_id} of {team.slug} in team_ids is the one of {other.slug}.")


def check() -> None:
    """Check all teams and targets. Raises Collision."""
    teams = list(Team.objects.filter(is_platform=False).select_related("organisation"))
    _check_namespaces(teams)
    _check_groups(teams)


def _check_namespaces(teams: Iterable[Team]) -> None:
    owners: dict[str, tuple[str, str]] = {}
    reserved = RESERVED | set(Target.objects.values_list("allowance_namespace", flat=True))
    for team, environment, name in _namespaces(teams):
        who = f"{team.organisation.slug}/{team.slug}"
        if len(name) > MAX_LABEL:
            raise Collision(f"The namespace {name} of {who} has more than {MAX_LABEL} characters. Use a shorter slug.")
        if name in reserved or name.startswith(RESERVED_PREFIX):
            raise Collision(f"The namespace {name} of {who} is reserved. Use another slug.")
        other, where = owners.setdefault(name, (who, environment))
        if (other, where) != (who, environment):
            raise Collision(
                f"{who} in {environment} and {other} in {where} would share the namespace {name}. Give one of them another slug."
            )


def _namespaces(teams: Iterable[Team]) -> Iterator[tuple[Team, str, str]]:
    """(team, environment, namespace); one name in several regions of an environment is the same tenant."""
    targets = list(Target.objects.all())
    for team in teams:
        for target in targets:
            if target.organisation_id == team.organisation_id:
                yield team, target.environment, target.namespace_of(team)


def _check_groups(teams: Iterable[Team]) -> None:
    """A group of one organisation must not get the tenant's rights in another's namespaces."""
    owners: dict[str, Team] = {}
    for team in teams:
        other = owners.setdefault(team.sso_group, team) if team.sso_group else team
        if other.organisation_id != team.organisation_id:
            raise Collision(
                f"The group {team.sso_group} is named for {other.organisation.slug}/{other.slug} and for "
                f"{team.organisation.slug}/{team.slug}: its people would get into both. Name a group of its own for each."
            )
