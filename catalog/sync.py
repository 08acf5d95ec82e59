"""An import of organisations, teams and their repositories, from a file and from the source host's teams.

Departures come first and in a transaction of their own: nothing that is wrong with a team may keep people in others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog import collisions, source_teams
from catalog.collisions import Collision
from catalog.departures import Report
from catalog.entries import OrganisationEntry, SyncFailed, TeamEntry
from catalog.models import Membership, Organisation, Ownership, Repository, Target, Team, team_key
from catalog.source_teams import Match, Skipped
from integrations.errors import Denied, IntegrationError
from integrations.source import SourceReader, SourceTeam, source_reader


@dataclass(frozen=True)
class Import:
    """An organisation of the file with what the source host has of it; with `failure`, the host did not say, or the two
    contradict each other: then everything of this organisation stays as it is."""

    entry: OrganisationEntry
    teams: Sequence[SourceTeam] = ()
    repositories: Mapping[str, list[str]] = field(default_factory=dict)
    failure: IntegrationError | SyncFailed | None = None


@dataclass(frozen=True)
class _Team:
    """A team to import. `accounts` has the source host's id of each member's account, where it is known."""

    entry: TeamEntry
    ownership: Ownership
    row: Team | None
    external_id: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)

    def expected(self) -> set[tuple[str, str]]:
        """(login in lower case, account) of the members; a membership that is there already may know the account."""
        rows = {each.login.lower(): each.account_id for each in Membership.objects.filter(team=self.row)}
        return {(login.lower(), self.accounts.get(login, rows.get(login.lower(), ""))) for login in self.entry.members}

    def has(self, membership: Membership) -> bool:
        accounts = {login.lower(): self.accounts.get(login, "") for login in self.entry.members}
        account = accounts.get(membership.login.lower())
        return account is not None and (not account or membership.account_id in ("", account))


def read(entries: Sequence[OrganisationEntry]) -> list[Import]:
    """Ask the source host. An organisation of which it says nothing stops no other one. Raises NotConfigured."""
    source = source_reader() if any(entry.teams_from_source for entry in entries) else None
    return [_read(source, entry) if source and entry.teams_from_source else Import(entry) for entry in entries]


def _read(source: SourceReader, entry: OrganisationEntry) -> Import:
    try:
        teams = source.teams(entry.slug)
        repositories = {team.id: source.team_repositories(entry.slug, team.slug) for team in teams}
    except IntegrationError as error:
        return Import(entry, failure=error)
    if not teams and Team.objects.filter(organisation__slug=entry.slug).exclude(external_id="").exists():
        message = (
            f"lists no team of {entry.slug} any more. Onramp's token probably cannot read the organisation's members"
        )
        return Import(entry, failure=Denied(source.name, message))
    members = {team.slug: len(team.members) for team in teams}
    for team in entry.teams:
        if not team.members and members.get(team.slug):
            message = (
                f"The file names the team {team.slug} of {entry.slug} without members, which would empty it: the source host names "
                f"{members[team.slug]}. List its members in the file, or leave the team out of it."
            )
            return Import(entry, failure=SyncFailed(message))
    return Import(entry, teams, repositories)


def apply_departures(imports: Sequence[Import]) -> Report:
    """Remove memberships that no longer exist, and end the tokens of people whom no team of the import has."""
    with transaction.atomic(), Report.comparing() as report:
        for imported in (each for each in imports if each.failure is None):
            teams = [*_described(imported), *_from_source(imported)[0]]
            report.expected |= {pair for team in teams for pair in team.expected()}
            for team in teams:
                gone = [each.pk for each in Membership.objects.filter(team=team.row) if not team.has(each)]
                Membership.objects.filter(pk__in=gone).delete()
            _close(imported.entry, [team.row for team in teams if team.row])
    return report


def _close(entry: OrganisationEntry, remaining: Sequence[Team]) -> None:
    """Removed teams stay, without members, and without the group: its name can belong to another team now."""
    removed = Team.objects.filter(organisation__slug=entry.slug).exclude(pk__in=[team.pk for team in remaining])
    Membership.objects.filter(team__in=removed).delete()
    removed.update(sso_group="")


def apply(imports: Sequence[Import]) -> Report:
    """Bring the catalog in line with the file, all of it or nothing, and with every usable team of the source host.

    Raises SyncFailed where the file contains something unusable.
    """
    try:
        with transaction.atomic(), Report.comparing() as report:
            skipped = _apply([each for each in imports if each.failure is None])
    except Collision as error:
        raise SyncFailed(f"{error} People who left are out; nothing else was changed.") from error
    report.skipped = skipped
    return report


def _apply(imports: Sequence[Import]) -> list[Skipped]:
    matched = [(each, *_from_source(each)) for each in imports]  # first, while it shows what is new
    for imported in imports:
        organisation = _store_organisation(imported.entry)
        for team in _described(imported):
            _store_team(organisation, team)
    collisions.check()
    skipped = [each for *_, problems in matched for each in problems]
    teams = [(imported.entry, team) for imported, teams, _ in matched for team in teams]
    _rename([team for _, team in teams])
    for entry, team in sorted(teams, key=lambda each: each[1].row is None):
        skipped += _store_unless_colliding(entry, team)
    return skipped


def _described(imported: Import) -> list[_Team]:
    """The teams of the file, known by their slug: it is the operators who give it."""
    entry = imported.entry
    rows = {team.slug: team for team in Team.objects.filter(organisation__slug=entry.slug)}
    return [
        _Team(team, Ownership.CATALOG, rows.get(team.slug), entry.team_ids.get(team.slug, ""), team.accounts)
        for team in entry.teams
    ]


def _from_source(imported: Import) -> tuple[list[_Team], list[Skipped]]:
    matches, skipped = source_teams.match(imported.entry, imported.teams)
    return [_imported(imported, match) for match in matches], skipped


def _imported(imported: Import, match: Match) -> _Team:
    slug, organisation = match.slug, imported.entry.slug
    entry = TeamEntry(
        slug=slug,
        name=match.name,
        members=list(match.team.members),
        repositories=imported.repositories[match.team.id],
        platform=match.platform,
        sso_group=f"{organisation}:{slug}" if slug == match.team.slug else "",
        channel=f"#{match.row.key if match.row else team_key(organisation, slug)}",
    )
    return _Team(entry, Ownership.SOURCE, match.row, match.team.id, match.team.members)


def _store_organisation(entry: OrganisationEntry) -> Organisation:
    organisation, _ = Organisation.objects.update_or_create(
        slug=entry.slug, defaults={"name": entry.name, "issues_project": entry.issues_project}
    )
    for target in entry.targets:
        key: dict[str, Any] = {"organisation": organisation, "environment": target.environment, "region": target.region}
        Target.objects.update_or_create(**key, defaults=target.model_dump(exclude={"environment", "region"}))
    return organisation


def _rename(teams: Sequence[_Team]) -> None:
    """Two teams may have swapped their slugs, so both lose them first. The group of the old slug can be another team's now."""
    moving = [(team.row, team.entry.slug) for team in teams if team.row and team.row.slug != team.entry.slug]
    for row, _ in moving:
        Team.objects.filter(pk=row.pk).update(slug=f"@{row.pk}", sso_group="")
    for row, slug in moving:
        row.slug, row.sso_group = slug, ""
        row.save(update_fields=["slug", "sso_group"])


def _store_unless_colliding(entry: OrganisationEntry, team: _Team) -> list[Skipped]:
    """The teams that are there already win."""
    try:
        with transaction.atomic():
            _store_team(Organisation.objects.get(slug=entry.slug), team)
            collisions.check()
    except Collision as error:
        return [Skipped(f"{entry.slug}/{team.entry.slug}", str(error))]
    return []


def _store_team(organisation: Organisation, imported: _Team) -> None:
    entry = imported.entry
    team = imported.row or Team(organisation=organisation, slug=entry.slug)
    if not team.key:
        collisions.check_key(organisation, entry.slug)
    team.external_id = imported.external_id or team.external_id
    collisions.check_external_id(team)
    team.name, team.is_platform = entry.name or entry.slug, entry.platform
    team.sso_group, team.channel = entry.sso_group, entry.channel
    team.save()
    _store_members(team, imported)
    if not entry.platform:
        _store_repositories(team, imported)


def _store_members(team: Team, imported: _Team) -> None:
    rows = {each.login.lower(): each for each in Membership.objects.filter(team=team)}
    for login in imported.entry.members:
        row = rows.setdefault(login.lower(), Membership(team=team))
        row.login, row.account_id = login, imported.accounts.get(login, row.account_id)
        row.save()


def _store_repositories(team: Team, imported: _Team) -> None:
    """What a file says replaces what the source host said, never the reverse."""
    host = source_reader().web_url if imported.entry.repositories else ""
    for full_name in imported.entry.repositories:
        owner, _, name = full_name.partition("/")
        row = Repository.objects.named(host, owner, name).first() or Repository(host=host, owner=owner, name=name)
        if imported.ownership == Ownership.CATALOG or row.team is None:
            row.team, row.ownership = team, imported.ownership
            row.save()
