"""`/user`, teams, repository permissions and the rate limit."""

from typing import Any

from sandbox.github import access
from sandbox.github import rate_limit as limits
from sandbox.github.api.call import Call, Response
from sandbox.github.api.pagination import paginated
from sandbox.github.errors import invalid, not_found, required
from sandbox.github.models import Access
from sandbox.github.payloads import people
from sandbox.github.payloads import repositories as payloads
from sandbox.world import cast
from sandbox.world.cast import Team

API_PERMISSIONS = {"read": "pull", "write": "push", "admin": "admin"}
LEVELS = {permission: level for level, permission in API_PERMISSIONS.items()}


def me(call: Call) -> Any:
    return people.public(call.account)


def my_emails(call: Call) -> Any:
    return [{"email": call.account.email, "primary": True, "verified": True, "visibility": "public"}]


def _team(org: str, slug: str) -> Team:
    return required(next((team for team in cast.TEAMS if (org.lower(), slug) == (cast.ORGANISATION, team.slug)), None))


def teams(call: Call, org: str) -> Response:
    call.require_account()
    if org.lower() != cast.ORGANISATION:
        raise not_found()
    return paginated(call, cast.TEAMS, people.team)


def members(call: Call, org: str, slug: str) -> Response:
    return paginated(call, _team(org, slug).members, people.simple)


def team_repositories(call: Call, org: str, slug: str) -> Response:
    rows = Access.objects.filter(team=_team(org, slug).slug).exclude(permission="none")
    pairs = [(row.repository, row.permission) for row in rows.select_related("repository").order_by("pk")]
    visible = [pair for pair in pairs if access.permission(call.login or None, pair[0]) != "none"]
    return paginated(call, visible, lambda pair: payloads.of_team(*pair))


def _level(call: Call) -> str:
    permission = call.field("permission", default="push")
    return required(LEVELS.get(permission), invalid("Access", "permission", "invalid"))


def add_team_repository(call: Call, org: str, slug: str) -> Response:
    call.require("admin")
    access.grant(call.repository, _level(call), team=_team(org, slug).slug)
    return Response(status=204)


def repository_teams(call: Call) -> Response:
    rows = [row for row in call.repository.accesses.order_by("pk") if row.team and row.permission != "none"]
    pairs = [(_team(cast.ORGANISATION, row.team), API_PERMISSIONS[row.permission]) for row in rows]
    return paginated(call, pairs, lambda pair: people.team(*pair))


def collaborator_permission(call: Call, login: str) -> Any:
    return payloads.permission(call.repository, required(people.person(login)).login)


def add_collaborator(call: Call, login: str) -> Response:
    call.require("admin")
    access.grant(call.repository, _level(call), login=required(cast.person(login)).login)
    return Response(status=204)


def rate_limit(call: Call) -> Any:
    status = limits.status(call.login or limits.ANONYMOUS)
    return {"resources": {"core": status, "search": status}, "rate": status}
