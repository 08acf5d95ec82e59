"""Repositories, their refs and branch rules."""

from sandbox.github import access
from sandbox.github.addresses import api_of, iso, node_id, page_of
from sandbox.github.git import refs
from sandbox.github.models import BranchProtection, Repository
from sandbox.github.payloads import JSON, people

BELOW_BY_THEIR_NAME = (
    "contributors", "deployments", "downloads", "events", "forks", "hooks", "languages", "merges", "stargazers",
    "subscribers", "subscription", "tags", "teams",
)  # fmt: skip
BELOW_WITH_A_PART = {
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
BELOW_ELSEWHERE = {
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
BELOW = {
    **{name: name for name in BELOW_BY_THEIR_NAME},
    **{name: f"{name}{part}" for name, part in BELOW_WITH_A_PART.items()},
    **BELOW_ELSEWHERE,
}
PERMISSIONS = {"pull": "read", "triage": "write", "push": "write", "maintain": "admin", "admin": "admin"}
NOT_HERE = ("mirror_url", "homepage", "language", "license")
NONE_OF = (
    "forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "subscribers_count", "network_count",
)  # fmt: skip


def size(repository: Repository) -> int:
    """Kilobytes on the disk; 0 for one without a commit, as GitHub says it."""
    if refs.is_empty(repository.path):
        return 0
    return max(1, sum(one.stat().st_size for one in repository.path.rglob("*") if one.is_file()) // 1024)


def simple(repository: Repository) -> JSON:
    """`simple-repository`: what every description of a repository has."""
    url = api_of(repository)
    return {
        "id": repository.pk,
        "node_id": node_id("Repository", repository.pk),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": people.simple(repository.owner),
        "private": repository.private,
        "html_url": page_of(repository),
        "description": repository.description or None,
        "fork": False,
        "url": url,
        **{f"{name}_url": f"{url}/{below}" for name, below in BELOW.items()},
    }


def full(repository: Repository, login: str | None = None) -> JSON:
    """`full-repository` and `minimal-repository`, with the permissions of `login` where one is given."""
    page = page_of(repository)
    opened = repository.pulls.filter(closed_at__isnull=True).count()
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
        **{f"has_{what}": True for what in ("issues", "projects", "wiki", "downloads")},
        **{f"has_{what}": False for what in ("pages", "discussions")},
        **dict.fromkeys(NOT_HERE),
        **dict.fromkeys(NONE_OF, 0),
        "open_issues": opened,
        "open_issues_count": opened,
        "pushed_at": iso(repository.pushed_at),
        "created_at": iso(repository.created_at),
        "updated_at": iso(repository.updated_at),
    }
    return payload | ({} if login is None else {"permissions": rights(login, repository)})


def rights(login: str, repository: Repository) -> dict[str, bool]:
    have = access.permission(login, repository)
    return {name: access.allows(have, need) for name, need in PERMISSIONS.items()}


def permission(repository: Repository, login: str) -> JSON:
    """`repository-collaborator-permission`."""
    have = access.permission(login, repository)
    user = people.simple(login) | {"permissions": rights(login, repository), "role_name": have}
    return {"permission": have, "role_name": have, "user": user}


def ref(repository: Repository, name: str, sha: str, kind: str = "commit") -> JSON:
    """`git-ref`."""
    return {
        "ref": name,
        "node_id": node_id(f"Ref{name}", repository.pk),
        "url": api_of(repository, "git", name),
        "object": {"sha": sha, "type": kind, "url": api_of(repository, "git", f"{kind}s", sha)},
    }


def protection(repository: Repository, rule: BranchProtection) -> JSON:
    """`protected-branch`."""
    url = api_of(repository, "branches", rule.pattern, "protection")
    payload: JSON = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rule.enforce_admins},
    }
    if rule.wants_pull_request:
        payload["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "required_approving_review_count": rule.required_reviews,
        }
    return payload


def rules(repository: Repository, rule: BranchProtection) -> list[JSON]:
    """`repository-rule-detailed`, one for each thing that the branch protection asks."""
    found: list[JSON] = []
    if rule.wants_pull_request:
        wanted: JSON = {
            "required_approving_review_count": rule.required_reviews,
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        }
        found.append({"type": "pull_request", "parameters": wanted})
    if rule.required_checks:
        checks = [{"context": name} for name in rule.required_checks]
        wanted = {"required_status_checks": checks, "strict_required_status_checks_policy": False}
        found.append({"type": "required_status_checks", "parameters": wanted})
    if rule.rules.get("block_creations"):
        found.append({"type": "creation"})
    if rule.rules.get("restrictions") is not None:
        found.append({"type": "update"})
    source = {"ruleset_source_type": "Repository", "ruleset_source": repository.full_name, "ruleset_id": rule.pk}
    return [one | source for one in found]
