"""Organisations, teams and their repositories, from a file or from the source host's teams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from django.db import transaction
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from catalog import address_pattern, collisions
from catalog.collisions import Collision
from catalog.departures import Report
from catalog.egress import EgressEntry
from catalog.models import Membership, Organisation, Ownership, Repository, Target, Team, team_key
from integrations.source import SourceReader, source_reader


class SyncFailed(Exception):
    """The file or the source host contains something unusable; the message says what. Nothing was changed."""


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
    address: Annotated[str, AfterValidator(address_pattern.checked)]
    egress: list[EgressEntry] = []
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


@dataclass(frozen=True)
class _Team:
    """A team to import. `accounts` has the source host's id of each member's account, where it is known."""

    entry: TeamEntry
    ownership: Ownership
    accounts: Mapping[str, str] = field(default_factory=dict)


def synchronise(entries: Sequence[OrganisationEntry]) -> Report:
    """Bring the catalog in line with the entries, all of it or nothing; what changed. Removed teams stay, without members.

    Raises SyncFailed, IntegrationError.
    """
    source = source_reader() if any(entry.teams_from_source for entry in entries) else None
    teams = [(entry, _teams(source, entry)) for entry in entries]
    try:
        with transaction.atomic(), Report.comparing() as report:
            for entry, of_entry in teams:
                _store(entry, of_entry)
            collisions.check()
    except Collision as error:
        raise SyncFailed(f"{error} Nothing was changed.") from error
    return report


def check_addresses(entries: Sequence[OrganisationEntry], portal_url: str) -> None:
    """Raises SyncFailed where an application could get the address of Onramp itself."""
    for target in (target for entry in entries for target in entry.targets):
        if address_pattern.may_claim(target.address, portal_url):
            raise SyncFailed(
                f"{target.address} lets an application claim Onramp's own address {portal_url}: use another domain for applications"
            )


def _teams(source: SourceReader | None, entry: OrganisationEntry) -> list[_Team]:
    described = [_Team(team, Ownership.CATALOG) for team in entry.teams]
    return described + (_from_source(source, entry) if source and entry.teams_from_source else [])


def _from_source(source: SourceReader, entry: OrganisationEntry) -> list[_Team]:
    described = {team.slug for team in entry.teams}
    return [
        _Team(
            TeamEntry(
                slug=slug,
                name=name,
                members=list(accounts),
                repositories=source.team_repositories(entry.slug, slug),
                platform=slug == entry.platform_team,
                sso_group=f"{entry.slug}:{slug}",
                channel=f"#{team_key(entry.slug, slug)}",
            ),
            Ownership.SOURCE,
            accounts,
        )
        for slug, (name, accounts) in source.teams(entry.slug).items()
        if slug not in described
    ]


def _store(entry: OrganisationEntry, teams: Sequence[_Team]) -> None:
    organisation, _ = Organisation.objects.update_or_create(
        slug=entry.slug, defaults={"name": entry.name, "issues_project": entry.issues_project}
    )
    for target in entry.targets:
        key: dict[str, Any] = {"organisation": organisation, "environment": target.environment, "region": target.region}
        Target.objects.update_or_create(**key, defaults=target.model_dump(exclude={"environment", "region"}))
    for team in teams:
        _store_team(organisation, team)
    removed = Team.objects.filter(organisation=organisation).exclude(slug__in=[team.entry.slug for team in teams])
    Membership.objects.filter(team__in=removed).delete()


def _store_team(organisation: Organisation, imported: _Team) -> None:
    entry = imported.entry
    collisions.check_key(organisation, entry.slug)
    defaults = {
        "name": entry.name or entry.slug,
        "is_platform": entry.platform,
        "sso_group": entry.sso_group,
        "channel": entry.channel,
    }
    team, _ = Team.objects.update_or_create(organisation=organisation, slug=entry.slug, defaults=defaults)
    Membership.objects.filter(team=team).exclude(login__in=entry.members).delete()
    for login in entry.members:
        account = {"account_id": imported.accounts[login]} if login in imported.accounts else {}
        Membership.objects.update_or_create(team=team, login=login, defaults=account)
    if not entry.platform:
        _store_repositories(team, imported)


def _store_repositories(team: Team, imported: _Team) -> None:
    """What a file says replaces what the source host said, never the reverse."""
    host = source_reader().web_url if imported.entry.repositories else ""
    for full_name in imported.entry.repositories:
        owner, _, name = full_name.partition("/")
        row = Repository.objects.named(host, owner, name).first() or Repository(host=host, owner=owner, name=name)
        if imported.ownership == Ownership.CATALOG or row.team is None:
            row.team, row.ownership = team, imported.ownership
            row.save()
