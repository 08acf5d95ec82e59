"""Which team owns a repository: what the catalog says, or which team may write to it at the source host.

What a repository contains decides nothing. Its CODEOWNERS file is a suggestion, which counts once somebody who speaks for that team
agrees.
"""

from collections.abc import Sequence

from catalog.models import Ownership, Person, Repository, Team
from integrations.errors import Denied, Missing
from integrations.source import SourceTeam, source_reader

MAX_LINES = 3_000
"""Lines of a CODEOWNERS file that are read; GitHub ignores files of more than 3 MB."""


def owner(repository: Repository, person: Person | None = None) -> Team | None:
    """The owning team now; None where nobody said which. Raises IntegrationError.

    The catalog's answer and an agreement stay until somebody changes them; the source host is asked each time. Of several teams with
    write permission there, the one that owned it so far wins, then one of the `person`.
    """
    if repository.team is not None and repository.ownership in (Ownership.CATALOG, Ownership.AGREEMENT):
        return repository.team
    return owner_at_source(repository, person)


def owner_at_source(repository: Repository, person: Person | None = None) -> Team | None:
    """The team of the repository's own organisation that may write to it at the source host."""
    try:
        teams = source_reader().writing_teams(repository.full_name)
    except (Missing, Denied):
        return None
    writing = _imported(repository.owner, teams)
    if repository.team in writing:
        return repository.team
    theirs = set(Team.objects.with_member(person)) if person is not None else set()
    of_person = [team for team in writing if team in theirs]
    return next(iter([*of_person, *writing]), None)


def suggested(repository: Repository, codeowners: str) -> Team | None:
    """The team that a CODEOWNERS file names first, if it is a team of the repository's own organisation."""
    slugs = [slug for owner, slug in named_in(codeowners) if owner.lower() == repository.owner.lower()]
    return next(iter(_known(repository.owner, slugs)), None)


def named_in(codeowners: str) -> list[tuple[str, str]]:
    """(organisation, slug) of the teams in a CODEOWNERS file; owners of the whole repository (the last `*` line) come first.

    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
    """
    lines = [line.partition("#")[0].split() for line in codeowners.splitlines()[:MAX_LINES]]
    rules = [(words[0], [_team(word) for word in words[1:] if "/" in word]) for words in lines if words]
    everything = [teams for pattern, teams in rules if pattern == "*"][-1:]
    others = [teams for pattern, teams in rules if pattern != "*"]
    return [team for teams in everything + others for team in teams if all(team)]


def _team(word: str) -> tuple[str, str]:
    """(organisation, slug) of `@organisation/slug`; empty texts for anything else."""
    organisation, _, slug = word.removeprefix("@").partition("/")
    return (organisation, slug) if word.startswith("@") and "/" not in slug else ("", "")


def decide(repository: Repository, team: Team, ownership: Ownership) -> None:
    """Store who owns the repository, and who said so."""
    repository.team, repository.ownership = team, ownership
    repository.save(update_fields=["team", "ownership"])


def team_of(person: Person) -> Team | None:
    """The team that would get a person's unowned repository: their only one, or their first by name."""
    return Team.objects.with_member(person).order_by("is_platform", "slug").first()


def _imported(organisation: str, teams: Sequence[SourceTeam]) -> list[Team]:
    """Known by the host's id; a team that only the file has, by its slug."""
    rows = Team.objects.filter(organisation__slug__iexact=organisation, is_platform=False)
    by_id = {row.external_id: row for row in rows if row.external_id}
    by_slug = {row.slug: row for row in rows if not row.external_id}
    return [row for team in teams if (row := by_id.get(team.id) or by_slug.get(team.slug)) is not None]


def _known(organisation: str, slugs: Sequence[str]) -> list[Team]:
    """The teams of this organisation with these slugs, in their order; a slug means nothing outside its organisation."""
    rows = Team.objects.filter(organisation__slug__iexact=organisation, slug__in=slugs, is_platform=False)
    teams = {team.slug: team for team in rows}
    return [teams[slug] for slug in dict.fromkeys(slugs) if slug in teams]
