"""Repositories and their refs."""

from sandbox.github import access
from sandbox.github.formats import iso, node_id, repository_api, repository_page
from sandbox.github.git import refs
from sandbox.github.models import Repository
from sandbox.github.payloads import JSON, people

RESOURCES_BY_NAME = (
    "contributors", "deployments", "downloads", "events", "forks", "hooks", "languages", "merges", "stargazers",
    "subscribers", "subscription", "tags", "teams",
)  # fmt: skip
RESOURCES_WITH_PARAMETER = {
    "assignees": "{/user}",
    "branches": "{/branch}",
    "collaborators": "{/collaborator}",
    "comments": "{/number}",
    "commits": "{/sha}",
    "issues": "{/number}",
    "keys": "{/key_id}",
    "labels": "{/name}",
    "milestones": "{/number}",
    "notifications": "{?since,all,participating}",
    "pulls": "{/number}",
    "releases": "{/id}",
}
RESOURCES_WITH_OTHER_PATH = {
    "archive": "{archive_format}{/ref}",
    "blobs": "git/blobs{/sha}",
    "compare": "compare/{base}...{head}",
    "contents": "contents/{+path}",
    "git_commits": "git/commits{/sha}",
    "git_refs": "git/refs{/sha}",
    "git_tags": "git/tags{/sha}",
    "issue_comment": "issues/comments{/number}",
    "issue_events": "issues/events{/number}",
    "statuses": "statuses/{sha}",
    "trees": "git/trees{/sha}",
}
RESOURCES = {
    **{name: name for name in RESOURCES_BY_NAME},
    **{name: f"{name}{parameter}" for name, parameter in RESOURCES_WITH_PARAMETER.items()},
    **RESOURCES_WITH_OTHER_PATH,
}
PERMISSIONS = {"pull": "read", "triage": "write", "push": "write", "maintain": "admin", "admin": "admin"}
ALWAYS_NULL = ("mirror_url", "homepage", "language", "license")
ALWAYS_ZERO = (
    "forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "subscribers_count", "network_count",
)  # fmt: skip


def size(repository: Repository) -> int:
    """Kilobytes on disk; 0 for a repository without a commit, as at GitHub."""
    if refs.is_empty(repository.path):
        return 0
    return max(1, sum(file.stat().st_size for file in repository.path.rglob("*") if file.is_file()) // 1024)


def simple(repository: Repository) -> JSON:
    """`simple-repository`: the fields that every representation of a repository has."""
    url = repository_api(repository)
    return {
        "id": repository.pk,
        "node_id": node_id("Repository", repository.pk),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": people.simple(repository.owner),
        "private": repository.private,
        "html_url": repository_page(repository),
        "description": repository.description or None,
        "fork": False,
        "url": url,
        **{f"{name}_url": f"{url}/{path}" for name, path in RESOURCES.items()},
    }


def full(repository: Repository, login: str | None = None) -> JSON:
    """`full-repository` and `minimal-repository`, with the permissions of `login` unless it is None."""
    page = repository_page(repository)
    open_count = repository.pulls.filter(closed_at__isnull=True).count()
    payload = simple(repository) | {
        "git_url": f"{page}.git".replace("http:", "git:", 1),
        "ssh_url": f"git@127.0.0.1:{repository.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "default_branch": repository.default_branch,
        "size": size(repository),
        "archived": repository.archived,
        "disabled": False,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        **{f"has_{feature}": True for feature in ("issues", "projects", "wiki", "downloads")},
        **{f"has_{feature}": False for feature in ("pages", "discussions")},
        **dict.fromkeys(ALWAYS_NULL),
        **dict.fromkeys(ALWAYS_ZERO, 0),
        "open_issues": open_count,
        "open_issues_count": open_count,
        "pushed_at": iso(repository.pushed_at),
        "created_at": iso(repository.created_at),
        "updated_at": iso(repository.updated_at),
    }
    return payload | ({} if login is None else {"permissions": permissions(login, repository)})


def of_team(repository: Repository, level: str) -> JSON:
    """`minimal-repository` in a team's list, with what the team may do."""
    return full(repository) | {"permissions": _permissions(level), "role_name": level}


def permissions(login: str, repository: Repository) -> dict[str, bool]:
    return _permissions(access.permission(login, repository))


def _permissions(level: str) -> dict[str, bool]:
    return {name: access.allows(level, required) for name, required in PERMISSIONS.items()}


def permission(repository: Repository, login: str) -> JSON:
    """`repository-collaborator-permission`."""
    level = access.permission(login, repository)
    user = people.simple(login) | {"permissions": permissions(login, repository), "role_name": level}
    return {"permission": level, "role_name": level, "user": user}


def ref(repository: Repository, name: str, sha: str, kind: str = "commit") -> JSON:
    """`git-ref`."""
    return {
        "ref": name,
        "node_id": node_id(f"Ref{name}", repository.pk),
        "url": repository_api(repository, "git", name),
        "object": {"sha": sha, "type": kind, "url": repository_api(repository, "git", f"{kind}s", sha)},
    }
