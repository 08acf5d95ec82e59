"""`/user`, teams, who may do what in a repository, and the rate limit."""

from typing import Any

from sandbox.github import access, rate
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.models import Access
from sandbox.github.payloads import people
from sandbox.github.payloads import repositories as payloads
from sandbox.github.refusals import found, invalid, not_found
from sandbox.world import cast
from sandbox.world.cast import Team

API_LEVEL = {"read": "pull", "write": "push", "admin": "admin"}
LEVEL = {said: level for level, said in API_LEVEL.items()}


def me(call: Call) -> Any:
    return people.public(call.by)


def my_emails(call: Call) -> Any:
    return [{"email": call.by.email, "primary": True, "verified": True, "visibility": "public"}]


def _team(org: str, slug: str) -> Team:
    return found(next((team for team in cast.TEAMS if (org.lower(), slug) == (cast.ORGANISATION, team.slug)), None))


def teams(call: Call, org: str) -> Answer:
    call.by  # noqa: B018 - teams are for members to see
    if org.lower() != cast.ORGANISATION:
        raise not_found()
    return page(call, cast.TEAMS, people.team)


def members(call: Call, org: str, slug: str) -> Answer:
    return page(call, _team(org, slug).members, people.simple)


def team_repositories(call: Call, org: str, slug: str) -> Answer:
    rows = Access.objects.filter(team=_team(org, slug).slug).exclude(permission="none")
    every = [row.repository for row in rows.select_related("repository").order_by("pk")]
    seen = [one for one in every if access.permission(call.login or None, one) != "none"]
    return page(call, seen, lambda one: payloads.full(one, call.login))


def _level(call: Call) -> str:
    return found(LEVEL.get(call.field("permission", default="push")), invalid("Access", "permission", "invalid"))


def add_team_repository(call: Call, org: str, slug: str) -> Answer:
    call.need("admin")
    access.grant(call.repository, _level(call), team=_team(org, slug).slug)
    return Answer(status=204)


def repository_teams(call: Call) -> Answer:
    rows = [row for row in call.repository.accesses.order_by("pk") if row.team and row.permission != "none"]
    pairs = [(_team(cast.ORGANISATION, row.team), API_LEVEL[row.permission]) for row in rows]
    return page(call, pairs, lambda pair: people.team(*pair))


def collaborator_permission(call: Call, login: str) -> Any:
    return payloads.permission(call.repository, found(people.person(login)).login)


def add_collaborator(call: Call, login: str) -> Answer:
    call.need("admin")
    access.grant(call.repository, _level(call), login=found(cast.person(login)).login)
    return Answer(status=204)


def rate_limit(call: Call) -> Any:
    now = rate.status(call.login or "anonymous")
    return {"resources": {"core": now, "search": now}, "rate": now}
