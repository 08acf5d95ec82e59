"""Which row a team of the source host is: decided by the host's id of it, because slugs change hands.

Any member of an organisation may be able to create teams there, so a slug proves nothing: neither a team's past, nor that it is
the platform team.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import patterns
from catalog.entries import MAX_NAME, MAX_SLUG, OrganisationEntry
from catalog.models import MAX_LABEL, Membership, Organisation, Team, team_key
from integrations.source import SourceTeam

_SLUG = patterns.compile(r"[A-Za-z0-9_-]{1,50}")


@dataclass(frozen=True)
class Match:
    """A team as it is to be stored, in `row` if the catalog has it. `slug` and `name` stay the row's if the new ones are unusable."""

    team: SourceTeam
    row: Team | None
    slug: str
    name: str
    platform: bool


@dataclass(frozen=True)
class Skipped:
    """A team of the source host that was not imported, or not as it is there; `reason` is a sentence."""

    team: str
    reason: str


def match(entry: OrganisationEntry, teams: Sequence[SourceTeam]) -> tuple[list[Match], list[Skipped]]:
    """The organisation's teams that are to be imported, known ones first, and those that are not. Changes nothing."""
    return _Matching(entry, teams).result()


class _Matching:
    def __init__(self, entry: OrganisationEntry, teams: Sequence[SourceTeam]) -> None:
        self.entry = entry
        self.described = {team.slug for team in entry.teams}
        self.is_first_import = not Organisation.objects.filter(slug=entry.slug).exists()
        rows = list(Team.objects.filter(organisation__slug=entry.slug))
        self.by_id = {row.external_id: row for row in rows if row.external_id}
        self.by_slug = {row.slug: row for row in rows}
        self.teams = [team for team in teams if not self._is_described(team)]
        self.platform_id = self._platform_id()
        self.skipped: list[Skipped] = []

    def result(self) -> tuple[list[Match], list[Skipped]]:
        matches = [match for team in self.teams if (match := self._match(team)) is not None]
        matches = self._with_possible_slugs(matches)
        return sorted(matches, key=lambda match: (match.row is None, _age(match.team))), self.skipped

    def _is_described(self, team: SourceTeam) -> bool:
        """The file says everything about this team, under whatever name it is now."""
        row = self.by_id.get(team.id)
        return team.slug in self.described or (row is not None and row.slug in self.described)

    def _platform_id(self) -> str:
        """The host's id of the platform team: confirmed, or pinned by an earlier import, or found by the first one."""
        slug = self.entry.platform_team
        pinned = [self.by_slug.get(slug), *(row for row in self.by_id.values() if row.is_platform)]
        ids = [self.entry.team_ids.get(slug, ""), *(row.external_id for row in pinned if row is not None)]
        ids += [team.id for team in self.teams if team.slug == slug]
        return next(filter(None, ids), "")

    def _match(self, team: SourceTeam) -> Match | None:
        row = self._row(team)
        problem = _unusable(team) or ("" if row else self._key_problem(team))
        refusal = "" if team.id in self.by_id else self._refusal(team)
        if refusal or (problem and row is None):
            self._skip(team, refusal or problem)
            return None
        if row is not None and problem:
            self._skip(team, f"{problem} Until then Onramp calls it {row.slug}.")
            return Match(team, row, row.slug, row.name, team.id == self.platform_id)
        return Match(team, row, team.slug, team.name or team.slug, team.id == self.platform_id)

    def _row(self, team: SourceTeam) -> Team | None:
        """By its id; a row that it takes over by slug must not be that of another team which still exists."""
        row = self.by_id.get(team.id) or self.by_slug.get(team.slug)
        if row is not None and row.external_id != team.id and row.external_id in {each.id for each in self.teams}:
            return None
        return row

    def _refusal(self, team: SourceTeam) -> str:
        """Why a team whose id is new must not be what its slug says."""
        confirmed, row = self.entry.team_ids.get(team.slug), self.by_slug.get(team.slug)
        if confirmed == team.id:
            return ""
        how = f"If this team may have it, add {team.slug}: {team.id} to team_ids of {self.entry.slug} in the file."
        if confirmed is not None:
            return f"The file gives this slug to the team with the id {confirmed}, not {team.id}."
        if row is not None and not _was_imported_before_ids(row):
            return f"Another team had this slug, and has its namespaces and repositories in Onramp. {how}"
        if team.slug == self.entry.platform_team and row is None and not self.is_first_import:
            return f"It appeared after the first import and would become the platform team. {how}"
        return ""

    def _key_problem(self, team: SourceTeam) -> str:
        key = team_key(self.entry.slug, team.slug)
        too_long = len(key) > MAX_LABEL
        return (
            f"Its name on clusters, {key}, has more than {MAX_LABEL} characters. Use a shorter slug."
            if too_long
            else ""
        )

    def _with_possible_slugs(self, matches: list[Match]) -> list[Match]:
        """A team whose new slug belongs to another one keeps the old slug."""
        moving = {match.team.id: match for match in matches if match.row and match.row.slug != match.slug}
        taken = {
            slug
            for slug, row in self.by_slug.items()
            if row.pk not in {each.row.pk for each in moving.values() if each.row}
        }
        while blocked := [match for match in moving.values() if match.slug in taken or self._is_reserved(match)]:
            for match in blocked:
                taken.add(moving.pop(match.team.id).row.slug)  # type: ignore[union-attr]
        return [self._final(match, match.team.id in moving) for match in matches]

    def _is_reserved(self, match: Match) -> bool:
        for_platform = match.slug == self.entry.platform_team and not match.platform
        return for_platform or self.entry.team_ids.get(match.slug, match.team.id) != match.team.id

    def _final(self, match: Match, may_move: bool) -> Match:
        if match.row is None or match.row.slug == match.slug or may_move:
            return match
        self._skip(
            match.team, f"Its new slug belongs to another team in Onramp, which still calls it {match.row.slug}."
        )
        return replace(match, slug=match.row.slug)

    def _skip(self, team: SourceTeam, reason: str) -> None:
        self.skipped.append(Skipped(f"{self.entry.slug}/{team.slug}"[:120], reason))


def _unusable(team: SourceTeam) -> str:
    if not _SLUG.fullmatch(team.slug):
        return f"Its slug has more than {MAX_SLUG} characters, or others than letters, digits, hyphens and underscores."
    if len(team.name) > MAX_NAME:
        return f"Its name has more than {MAX_NAME} characters. Use a shorter one."
    return ""


def _was_imported_before_ids(row: Team) -> bool:
    """Whether the source host gave its members when Onramp did not store the ids of teams yet."""
    return not row.external_id and Membership.objects.filter(team=row).exclude(account_id="").exists()


def _age(team: SourceTeam) -> tuple[int, str]:
    """Ids are numbers that grow: of two new teams the older one wins."""
    return len(team.id), team.id
