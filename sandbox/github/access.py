"""Permissions of people and teams in a repository."""

from sandbox.github.models import Access, Repository
from sandbox.world import cast
from sandbox.world.cast import Person

LEVELS = ("none", "read", "write", "admin")


def permission(login: str | None, repository: Repository) -> str:
    """`none`, `read`, `write` or `admin`.

    A person's own row overrides everything else. Without one, the best of the rows of the person's teams applies.
    """
    rows = list(repository.accesses.all())
    personal = next((row.permission for row in rows if login and row.login == login), None)
    if personal:
        return personal
    account = cast.person(login) if login else None
    if account and account.site_admin:
        return "admin"
    teams = {team.slug for team in cast.teams_of(login)} if login else set()
    levels = [row.permission for row in rows if row.team in teams]
    levels.append("none" if repository.private else "read")
    return max(levels, key=LEVELS.index)


def allows(level: str, required: str) -> bool:
    return LEVELS.index(level) >= LEVELS.index(required)


def grant(repository: Repository, level: str, *, team: str = "", login: str = "") -> None:
    Access.objects.update_or_create(repository=repository, team=team, login=login, defaults={"permission": level})


def can_bypass_protection(person: Person, repository: Repository, branch: str) -> bool:
    """Whether this person can push straight to the branch, protected or not."""
    rule = repository.protection_of(branch)
    if rule is None:
        return True
    is_admin = permission(person.login, repository) == "admin"
    if is_admin and not rule.enforce_admins:
        return True
    teams = {team.slug for team in cast.teams_of(person.login)}
    return rule.allows_push(person.login, teams) and not rule.requires_pull_request and not rule.required_checks
