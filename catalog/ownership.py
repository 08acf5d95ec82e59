"""Who answers for a repository: the catalog's word, then CODEOWNERS, then the teams that may write to it."""

import re

from catalog.models import Person, Repository, Team
from integrations import providers
from integrations.errors import Denied, Missing
from integrations.source import SourceReader

_TEAM = re.compile(r"@(?P<organisation>[A-Za-z0-9-]+)/(?P<team>[A-Za-z0-9._-]+)")


def named_in(codeowners: str) -> list[str]:
    """Slugs of the teams of a CODEOWNERS file, the whole repository's owners (the last `*` line) first.

    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
    """
    lines = [line.partition("#")[0].split() for line in codeowners.splitlines()]
    rules = [(words[0], [m["team"] for m in map(_TEAM.fullmatch, words[1:]) if m]) for words in lines if words]
    everything = [teams for pattern, teams in rules if pattern == "*"][-1:]
    others = [teams for pattern, teams in rules if pattern != "*"]
    return [team for teams in everything + others for team in teams]


def owner_at_source(full_name: str, *, codeowners: str) -> Team | None:
    """The owning team as the source host tells it; None where no known team owns it. Raises IntegrationError."""
    source: SourceReader = providers.provider("source")
    found = _known(named_in(codeowners))
    if found is not None:
        return found
    try:
        return _known(source.team_slugs(full_name))
    except (Missing, Denied):
        return None


def owner(repository: Repository, *, codeowners: str) -> Team | None:
    """The catalog's word where there is one; the source's otherwise, which is kept."""
    if repository.team is not None:
        return repository.team
    found = owner_at_source(repository.full_name, codeowners=codeowners)
    if found is not None and repository.pk:
        repository.team = found
        repository.save(update_fields=["team"])
    return found


def team_of(person: Person) -> Team | None:
    """The team a person's unowned repository would go to: their only one, or their first by name."""
    return Team.objects.filter(memberships__login=person.username).order_by("is_platform", "slug").first()


def _known(slugs: list[str]) -> Team | None:
    teams = {team.slug: team for team in Team.objects.filter(slug__in=slugs, is_platform=False)}
    return next((teams[slug] for slug in slugs if slug in teams), None)
