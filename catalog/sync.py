"""Organisations, teams and their repositories, from a file or from the source host's teams."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.models import Membership, Organisation, Repository, Target, Team
from integrations.source import SourceReader, source_reader


class SyncFailed(Exception):
    """The file or the source host contains something unusable; the message says what."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TeamEntry(_Part):
    slug: str
    name: str = ""
    members: list[str] = []
    repositories: list[str] = []
    platform: bool = False
    sso_group: str = ""
    channel: str = ""


class TargetEntry(_Part):
    environment: str = "production"
    region: str = "local"
    cluster_url: str
    cluster_ca: str = ""
    address: str
    allowance_namespace: str = "onramp-allowances"
    oidc_audience: str = "onramp-cluster"


class OrganisationEntry(_Part):
    """One organisation of the file; docs/operating.md shows an example."""

    slug: str
    name: str
    issues_project: str
    platform_team: str = "platform"
    teams_from_source: bool = False
    teams: list[TeamEntry] = []
    targets: list[TargetEntry] = []


def read_file(path: Path) -> list[OrganisationEntry]:
    """Raises SyncFailed, naming the place in the file."""
    try:
        data: Any = yaml.safe_load(path.read_text())
        return [OrganisationEntry.model_validate(entry) for entry in data["organisations"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValidationError) as error:
        raise SyncFailed(f"{path} cannot be used: {error}") from error


def synchronise(entries: list[OrganisationEntry]) -> int:
    """Bring the catalog in line with the entries; returns the number of teams. Removed teams stay, without members."""
    source = source_reader() if any(entry.teams_from_source for entry in entries) else None
    count = 0
    for entry in entries:
        teams = entry.teams + (_from_source(source, entry) if source and entry.teams_from_source else [])
        with transaction.atomic():
            count += _store(entry, teams)
    return count


def _from_source(source: SourceReader, entry: OrganisationEntry) -> list[TeamEntry]:
    described = {team.slug for team in entry.teams}
    return [
        TeamEntry(
            slug=slug,
            name=name,
            members=logins,
            repositories=source.team_repositories(entry.slug, slug),
            platform=slug == entry.platform_team,
            sso_group=f"{entry.slug}:{slug}",
            channel=f"#{slug}",
        )
        for slug, (name, logins) in source.teams(entry.slug).items()
        if slug not in described
    ]


def _store(entry: OrganisationEntry, teams: list[TeamEntry]) -> int:
    organisation, _ = Organisation.objects.update_or_create(
        slug=entry.slug, defaults={"name": entry.name, "issues_project": entry.issues_project}
    )
    for target in entry.targets:
        key: dict[str, Any] = {"organisation": organisation, "environment": target.environment, "region": target.region}
        Target.objects.update_or_create(**key, defaults=target.model_dump(exclude={"environment", "region"}))
    for team in teams:
        _store_team(organisation, team)
    removed = Team.objects.filter(organisation=organisation).exclude(slug__in=[team.slug for team in teams])
    Membership.objects.filter(team__in=removed).delete()
    return len(teams)


def _store_team(organisation: Organisation, entry: TeamEntry) -> None:
    defaults = {
        "name": entry.name or entry.slug,
        "is_platform": entry.platform,
        "sso_group": entry.sso_group,
        "channel": entry.channel,
    }
    team, _ = Team.objects.update_or_create(organisation=organisation, slug=entry.slug, defaults=defaults)
    Membership.objects.filter(team=team).exclude(login__in=entry.members).delete()
    Membership.objects.bulk_create(
        [Membership(team=team, login=login) for login in entry.members], ignore_conflicts=True
    )
    if entry.platform:
        return
    host = source_reader().web_url if entry.repositories else ""
    for full_name in entry.repositories:
        owner, _, name = full_name.partition("/")
        Repository.objects.update_or_create(host=host, owner=owner, name=name, defaults={"team": team})
