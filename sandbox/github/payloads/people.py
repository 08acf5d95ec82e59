"""Accounts, the organisation and its teams."""

from sandbox.github.addresses import DOCS, api, node_id, web
from sandbox.github.payloads import JSON
from sandbox.world import cast
from sandbox.world.cast import Person, Team

ACTIONS_BOT = Person(41898282, "github-actions[bot]", "GitHub Actions")
ORGANISATION_NUMBER = 1000
SINCE = "2024-01-01T00:00:00Z"
ACTIONS_APP = 15368


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
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": kind,
        "user_view_type": "public",
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
        "blog": "",
        "location": None,
        "email": who.email,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": SINCE,
        "updated_at": SINCE,
    }


def private(who: Person) -> JSON:
    """`private-user`: what the account itself may see."""
    return public(who) | {
        "private_gists": 0,
        "total_private_repos": 0,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
    }


def organisation() -> JSON:
    """`organization-simple`."""
    url = api("orgs", cast.ORGANISATION)
    return {
        "login": cast.ORGANISATION,
        "id": ORGANISATION_NUMBER,
        "node_id": node_id("Organization", ORGANISATION_NUMBER),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": web("_avatars", cast.ORGANISATION),
        "description": "A pretend company",
    }


def organisation_full() -> JSON:
    """`organization-full`."""
    return organisation() | {
        "name": cast.ORGANISATION.title(),
        "has_organization_projects": False,
        "has_repository_projects": False,
        "public_repos": len(cast.REPOSITORIES),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": web(cast.ORGANISATION),
        "type": "Organization",
        "created_at": SINCE,
        "updated_at": SINCE,
        "archived_at": None,
    }


def team(one: Team, permission: str = "pull") -> JSON:
    """`team`; `permission` is `pull`, `push` or `admin`."""
    number = cast.TEAMS.index(one) + 1
    url = api("orgs", cast.ORGANISATION, "teams", one.slug)
    order = ("pull", "triage", "push", "maintain", "admin")
    return {
        "id": number,
        "node_id": node_id("Team", number),
        "name": one.name,
        "slug": one.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": permission,
        "permissions": {name: order.index(name) <= order.index(permission) for name in order},
        "url": url,
        "html_url": web("orgs", cast.ORGANISATION, "teams", one.slug),
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": ORGANISATION_NUMBER,
        "parent": None,
    }


def actions_app() -> JSON:
    """The app that check runs of jobs belong to."""
    return {
        "id": ACTIONS_APP,
        "slug": "github-actions",
        "node_id": node_id("App", ACTIONS_APP),
        "owner": simple(ACTIONS_BOT.login),
        "name": "GitHub Actions",
        "description": "Automate your workflow from idea to production",
        "external_url": DOCS,
        "html_url": web("apps", "github-actions"),
        "created_at": SINCE,
        "updated_at": SINCE,
        "permissions": {"actions": "write", "checks": "write", "contents": "write"},
        "events": ["push", "pull_request"],
    }
