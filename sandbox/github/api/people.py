"""`/user`, `/users`, `/orgs`, teams and the rate limit."""

from typing import Any

from sandbox.github import access, rate
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.models import Access, Repository
from sandbox.github.payloads import people, pulls
from sandbox.github.payloads import repositories as payloads
from sandbox.github.refusals import invalid, not_found
from sandbox.world import cast
from sandbox.world.cast import Team

API_LEVEL = {"read": "pull", "write": "push", "admin": "admin"}
TEAM_LEVEL = {"pull": "read", "triage": "read", "push": "write", "maintain": "write", "admin": "admin"}


def me(call: Call) -> Any:
    return people.private(call.by)


def my_emails(call: Call) -> Any:
    return [{"email": call.by.email, "primary": True, "verified": True, "visibility": "public"}]


def my_teams(call: Call) -> Answer:
    return page(call, cast.teams_of(call.by.login), people.team)


def my_organisations(call: Call) -> Answer:
    return page(call, [cast.ORGANISATION] if cast.person(call.by.login) else [], lambda _: people.organisation())


def user(call: Call, login: str) -> Any:
    found = people.person(login)
    if found is None:
        raise not_found()
    return people.public(found)


def _organisation(org: str) -> None:
    if org.lower() != cast.ORGANISATION:
        raise not_found()


def organisation(call: Call, org: str) -> Any:
    _organisation(org)
    return people.organisation_full()


def _team(org: str, slug: str) -> Team:
    _organisation(org)
    found = next((team for team in cast.TEAMS if team.slug == slug), None)
    if found is None:
        raise not_found()
    return found


def teams(call: Call, org: str) -> Answer:
    _organisation(org)
    call.by  # noqa: B018 - teams are for members to see
    return page(call, cast.TEAMS, people.team)


def team(call: Call, org: str, slug: str) -> Any:
    counted = {"members_count": len(_team(org, slug).members), "repos_count": _accesses(slug).count()}
    dates = {"created_at": people.SINCE, "updated_at": people.SINCE}
    return people.team(_team(org, slug)) | counted | dates | {"organization": people.organisation_full()}


def members(call: Call, org: str, slug: str) -> Answer:
    return page(call, _team(org, slug).members, people.simple)


def _accesses(slug: str) -> Any:
    return Access.objects.filter(team=slug).exclude(permission="none").select_related("repository").order_by("pk")


def team_repositories(call: Call, org: str, slug: str) -> Answer:
    _team(org, slug)
    seen = [
        one.repository
        for one in _accesses(slug)
        if access.allows(access.permission(call.login or None, one.repository), "read")
    ]
    return page(call, seen, lambda one: payloads.whole(one, call.login))


def add_team_repository(call: Call, org: str, slug: str) -> Answer:
    call.need("admin")
    level = TEAM_LEVEL.get(call.field("permission", default="push"))
    if level is None:
        raise invalid("TeamRepository", "permission", "invalid")
    access.grant(call.repository, level, team=_team(org, slug).slug)
    return Answer(status=204)


def remove_team_repository(call: Call, org: str, slug: str) -> Answer:
    call.need("admin")
    call.repository.accesses.filter(team=_team(org, slug).slug).delete()
    return Answer(status=204)


def organisation_repositories(call: Call, org: str) -> Answer:
    _organisation(org)
    everything = Repository.objects.filter(owner=cast.ORGANISATION).order_by("pk")
    seen = [one for one in everything if access.allows(access.permission(call.login or None, one), "read")]
    return page(call, seen, lambda one: payloads.whole(one, call.login))


def repository_teams(call: Call) -> Answer:
    rows = [row for row in call.repository.accesses.order_by("pk") if row.team and row.permission != "none"]
    known = {team.slug: team for team in cast.TEAMS}
    found = [(known[row.team], API_LEVEL[row.permission]) for row in rows if row.team in known]
    return page(call, found, lambda pair: people.team(*pair))


def collaborator_permission(call: Call, login: str) -> Any:
    if people.person(login) is None:
        raise not_found()
    return pulls.permission(call.repository, login)


def is_collaborator(call: Call, login: str) -> Answer:
    if access.allows(access.permission(login, call.repository), "write"):
        return Answer(status=204)
    raise not_found()


def add_collaborator(call: Call, login: str) -> Answer:
    call.need("admin")
    if cast.person(login) is None:
        raise not_found()
    level = {"pull": "read", "push": "write", "admin": "admin"}.get(call.field("permission", default="push"), "write")
    access.grant(call.repository, level, login=login)
    return Answer(status=204)


def remove_collaborator(call: Call, login: str) -> Answer:
    call.need("admin")
    call.repository.accesses.filter(login=login).delete()
    return Answer(status=204)


def rate_limit(call: Call) -> Any:
    now = rate.status(call.login or "anonymous")
    return {"resources": {"core": now, "search": now}, "rate": now}
