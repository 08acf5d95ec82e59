"""Who may do what in a repository."""

from sandbox.github.models import Access, Repository
from sandbox.world import cast
from sandbox.world.cast import Person

LEVELS = ("none", "read", "write", "admin")


def permission(login: str | None, repository: Repository) -> str:
    """`none`, `read`, `write` or `admin`. A person's own row decides alone; then the best of the teams' rows."""
    rows = list(repository.accesses.all())
    own = next((row.permission for row in rows if login and row.login == login), None)
    if own:
        return own
    account = cast.person(login) if login else None
    if account and account.site_admin:
        return "admin"
    teams = {team.slug for team in cast.teams_of(login)} if login else set()
    found = [row.permission for row in rows if row.team in teams]
    found.append("none" if repository.private else "read")
    return max(found, key=LEVELS.index)


def allows(have: str, wanted: str) -> bool:
    return LEVELS.index(have) >= LEVELS.index(wanted)


def grant(repository: Repository, level: str, *, team: str = "", login: str = "") -> None:
    Access.objects.update_or_create(repository=repository, team=team, login=login, defaults={"permission": level})


def may_bypass(person: Person, repository: Repository, branch: str) -> bool:
    """Whether this person may push straight to the branch, rule or not."""
    rule = repository.protection_of(branch)
    if rule is None:
        return True
    admin = permission(person.login, repository) == "admin"
    if admin and not rule.enforce_admins:
        return True
    teams = {team.slug for team in cast.teams_of(person.login)}
    return rule.lets_push(person.login, teams) and not rule.wants_pull_request and not rule.required_checks
