"""Accounts and teams."""

from sandbox.github.formats import api_url, node_id, web_url
from sandbox.github.payloads import JSON
from sandbox.world import cast
from sandbox.world.cast import Person, Team

ACTIONS_BOT = Person(41898282, "github-actions[bot]", "GitHub Actions")
ORGANISATION_NUMBER = 1000
CREATED_AT = "2024-01-01T00:00:00Z"
USER_RESOURCES = {
    "followers": "followers",
    "following": "following{/other_user}",
    "gists": "gists{/gist_id}",
    "starred": "starred{/owner}{/repo}",
    "subscriptions": "subscriptions",
    "organizations": "orgs",
    "repos": "repos",
    "events": "events{/privacy}",
    "received_events": "received_events",
}


def person(login: str) -> Person | None:
    """The account of a login: one of the cast, or the bot account of Actions jobs."""
    return ACTIONS_BOT if login == ACTIONS_BOT.login else cast.person(login)


def _account(login: str, number: int, kind: str, site_admin: bool) -> JSON:
    url = api_url("users", login)
    return {
        "login": login,
        "id": number,
        "node_id": node_id(kind, number),
        "avatar_url": web_url("_avatars", login),
        "gravatar_id": "",
        "url": url,
        "html_url": web_url(login),
        **{f"{name}_url": f"{url}/{path}" for name, path in USER_RESOURCES.items()},
        "type": kind,
        "site_admin": site_admin,
    }


def simple(login: str) -> JSON:
    """`simple-user`, for people, the organisation, and commit authors outside the cast."""
    if login == cast.ORGANISATION:
        return _account(login, ORGANISATION_NUMBER, "Organization", False)
    account = person(login)
    if account is None:
        return _account(login, 9_000_000 + sum(login.encode()), "User", False)
    return _account(login, account.number, "Bot" if account is ACTIONS_BOT else "User", account.site_admin)


def by_email(email: str) -> JSON | None:
    """The account that a commit's e-mail address belongs to, or None."""
    account = cast.by_email(email)
    return simple(account.login) if account else None


def public(person: Person) -> JSON:
    """`public-user`."""
    return simple(person.login) | {
        "name": person.name,
        "company": cast.ORGANISATION,
        "email": person.email,
        "blog": "",
        **dict.fromkeys(("location", "hireable", "bio")),
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "created_at": CREATED_AT,
        "updated_at": CREATED_AT,
    }


def team(team: Team, permission: str = "pull") -> JSON:
    """`team`; `permission` is `pull`, `push` or `admin`."""
    number = cast.TEAMS.index(team) + 1
    url = api_url("orgs", cast.ORGANISATION, "teams", team.slug)
    return {
        "id": number,
        "node_id": node_id("Team", number),
        "name": team.name,
        "slug": team.slug,
        "description": None,
        "permission": permission,
        "url": url,
        "html_url": web_url("orgs", cast.ORGANISATION, "teams", team.slug),
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "parent": None,
    }
