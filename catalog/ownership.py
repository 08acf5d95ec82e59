"""Which team owns a repository: the catalog's answer, or CODEOWNERS and the teams at the source host."""

import re

from catalog.models import Person, Repository, Team
from integrations.errors import Denied, Missing
from integrations.source import SourceReader, source_reader

_TEAM = re.compile(r"@(?P<organisation>[A-Za-z0-9-]+)/(?P<team>[A-Za-z0-9._-]+)")


def named_in(codeowners: str) -> list[str]:
    """Slugs of the teams in a CODEOWNERS file; owners of the whole repository (the last `*` line) come first.

    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
    """
    lines = [line.partition("#")[0].split() for line in codeowners.splitlines()]
    rules = [(words[0], [m["team"] for m in map(_TEAM.fullmatch, words[1:]) if m]) for words in lines if words]
    everything = [teams for pattern, teams in rules if pattern == "*"][-1:]
    others = [teams for pattern, teams in rules if pattern != "*"]
    return [team for teams in everything + others for team in teams]


def owner_at_source(full_name: str, *, codeowners: str | None = None) -> Team | None:
    """The owning team according to the source host; None where no known team owns it. Raises IntegrationError.

    `codeowners` is the file's text where it has already been read; otherwise it is read now.
    """
    source = source_reader()
    text = _codeowners(source, full_name) if codeowners is None else codeowners
    team = _known(named_in(text))
    if team is not None:
        return team
    try:
        return _known(source.team_slugs(full_name))
    except (Missing, Denied):
        return None


def _codeowners(source: SourceReader, full_name: str) -> str:
    """The text of the file on the default branch; empty where none can be read."""
    try:
        head = source.head(full_name, source.repository(full_name).default_branch)
        blobs = {entry.path: entry.blob for entry in source.tree(full_name, head.tree).entries}
        blob = next((blobs[path] for path in source.codeowners_paths if path in blobs), None)
        return source.blob(full_name, blob).decode(errors="replace") if blob else ""
    except (Missing, Denied):
        return ""


def owner(repository: Repository, *, codeowners: str | None = None) -> Team | None:
    """The catalog's owner where there is one; otherwise the source host's, which is saved."""
    if repository.team is not None:
        return repository.team
    team = owner_at_source(repository.full_name, codeowners=codeowners)
    if team is not None:
        repository.team = team
    if team is not None and repository.pk:
        repository.save(update_fields=["team"])
    return team


def team_of(person: Person) -> Team | None:
    """The team that would get a person's unowned repository: their only one, or their first by name."""
    return Team.objects.filter(memberships__login=person.username).order_by("is_platform", "slug").first()


def _known(slugs: list[str]) -> Team | None:
    teams = {team.slug: team for team in Team.objects.filter(slug__in=slugs, is_platform=False)}
    return next((teams[slug] for slug in slugs if slug in teams), None)
