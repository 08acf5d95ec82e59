"""Accounts and teams."""

from sandbox.github.addresses import api, node_id, web
from sandbox.github.payloads import JSON
from sandbox.world import cast
from sandbox.world.cast import Person, Team

ACTIONS_BOT = Person(41898282, "github-actions[bot]", "GitHub Actions")
ORGANISATION_NUMBER = 1000
SINCE = "2024-01-01T00:00:00Z"
BELOW_A_USER = {
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
    """The account of a login: one of the cast, or the account that jobs act as."""
    return ACTIONS_BOT if login == ACTIONS_BOT.login else cast.person(login)


def _account(login: str, number: int, kind: str, site_admin: bool) -> JSON:
    url = api("users", login)
    return {
        "login": login,
        "id": number,
        "node_id": node_id(kind, number),
        "avatar_url": web("_avatars", login),
        "gravatar_id": "",
        "url": url,
        "html_url": web(login),
        **{f"{name}_url": f"{url}/{below}" for name, below in BELOW_A_USER.items()},
        "type": kind,
        "site_admin": site_admin,
    }


def simple(login: str) -> JSON:
    """`simple-user`, for people, the organisation and strangers that pushed."""
    if login == cast.ORGANISATION:
        return _account(login, ORGANISATION_NUMBER, "Organization", False)
    who = person(login)
    if who is None:
        return _account(login, 9_000_000 + sum(login.encode()), "User", False)
    return _account(login, who.number, "Bot" if who is ACTIONS_BOT else "User", who.site_admin)


def by_email(email: str) -> JSON | None:
    """The account that a commit's e-mail address belongs to, or None."""
    who = cast.by_email(email)
    return simple(who.login) if who else None


def public(who: Person) -> JSON:
    """`public-user`."""
    return simple(who.login) | {
        "name": who.name,
        "company": cast.ORGANISATION,
        "email": who.email,
        "blog": "",
        **dict.fromkeys(("location", "hireable", "bio")),
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "created_at": SINCE,
        "updated_at": SINCE,
    }


def team(one: Team, permission: str = "pull") -> JSON:
    """`team`; `permission` is `pull`, `push` or `admin`."""
    number = cast.TEAMS.index(one) + 1
    url = api("orgs", cast.ORGANISATION, "teams", one.slug)
    return {
        "id": number,
        "node_id": node_id("Team", number),
        "name": one.name,
        "slug": one.slug,
        "description": None,
        "permission": permission,
        "url": url,
        "html_url": web("orgs", cast.ORGANISATION, "teams", one.slug),
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "parent": None,
    }
