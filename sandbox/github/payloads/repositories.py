"""Repositories, their refs and branch rules."""

from sandbox.github import access
from sandbox.github.addresses import api, iso, node_id, web
from sandbox.github.git import refs
from sandbox.github.models import BranchProtection, Repository
from sandbox.github.payloads import JSON, people
from sandbox.world import cast

TEMPLATES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
PERMISSIONS = {"pull": "read", "triage": "write", "push": "write", "maintain": "admin", "admin": "admin"}


def size(repository: Repository) -> int:
    """Kilobytes on the disk; 0 for one without a commit, as GitHub says it."""
    if refs.is_empty(repository.path):
        return 0
    return max(1, sum(one.stat().st_size for one in repository.path.rglob("*") if one.is_file()) // 1024)


def simple(repository: Repository) -> JSON:
    """`simple-repository`: what every description of a repository has."""
    url = api("repos", repository.owner, repository.name)
    return {
        "id": repository.pk,
        "node_id": node_id("Repository", repository.pk),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": people.simple(repository.owner),
        "private": repository.private,
        "html_url": web(repository.owner, repository.name),
        "description": repository.description or None,
        "fork": False,
        "url": url,
        **{name: f"{url}{suffix}" for name, suffix in TEMPLATES.items()},
    }


def whole(repository: Repository, login: str | None = None) -> JSON:
    """`repository` and `minimal-repository`, with the permissions of `login` where one is given."""
    page = web(repository.owner, repository.name)
    opened = repository.pulls.filter(closed_at__isnull=True).count()
    payload = simple(repository) | {
        "git_url": f"{page}.git".replace("http:", "git:", 1),
        "ssh_url": f"git@127.0.0.1:{repository.full_name}.git",
        "clone_url": f"{page}.git",
        "mirror_url": None,
        "svn_url": page,
        "homepage": None,
        "language": None,
        "license": None,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        "default_branch": repository.default_branch,
        "size": size(repository),
        "archived": repository.archived,
        "disabled": False,
        "is_template": False,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "has_pages": False,
        "has_discussions": False,
        **{f"has_{what}": True for what in ("issues", "projects", "wiki", "downloads")},
        **dict.fromkeys(("forks", "forks_count", "stargazers_count", "watchers", "watchers_count"), 0),
        "open_issues": opened,
        "open_issues_count": opened,
        "pushed_at": iso(repository.pushed_at),
        "created_at": iso(repository.created_at),
        "updated_at": iso(repository.updated_at),
    }
    if login is not None:
        have = access.permission(login, repository)
        payload["permissions"] = {name: access.allows(have, need) for name, need in PERMISSIONS.items()}
    return payload


def full(repository: Repository, login: str | None) -> JSON:
    """`full-repository`: the answer to asking for one repository."""
    payload = whole(repository, login) | {
        "subscribers_count": 0,
        "network_count": 0,
        "allow_merge_commit": True,
        "allow_squash_merge": True,
        "allow_rebase_merge": False,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "temp_clone_token": None,
    }
    if repository.owner == cast.ORGANISATION:
        payload["organization"] = people.simple(repository.owner)
    return payload


def ref(repository: Repository, name: str, sha: str, kind: str = "commit") -> JSON:
    """`git-ref`."""
    return {
        "ref": name,
        "node_id": node_id(f"Ref{name}", repository.pk),
        "url": api("repos", repository.owner, repository.name, "git", name),
        "object": {
            "sha": sha,
            "type": kind,
            "url": api("repos", repository.owner, repository.name, "git", f"{kind}s", sha),
        },
    }


def protection(repository: Repository, branch: str, rule: BranchProtection) -> JSON:
    """`branch-protection`."""
    url = api("repos", repository.owner, repository.name, "branches", branch, "protection")
    payload: JSON = {
        "url": url,
        "enabled": True,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rule.enforce_admins},
        **{
            name: {"enabled": bool(rule.rules.get(name))}
            for name in ("required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations")
        },
    }
    if rule.required_checks:
        payload["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": bool(rule.rules["required_status_checks"].get("strict")),
            "contexts": rule.required_checks,
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": name, "app_id": None} for name in rule.required_checks],
        }
    if rule.wants_pull_request:
        asked = rule.rules["required_pull_request_reviews"]
        payload["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": bool(asked.get("dismiss_stale_reviews")),
            "require_code_owner_reviews": bool(asked.get("require_code_owner_reviews")),
            "required_approving_review_count": rule.required_reviews,
            "require_last_push_approval": bool(asked.get("require_last_push_approval")),
        }
    if rule.rules.get("restrictions") is not None:
        payload["restrictions"] = _restrictions(f"{url}/restrictions", rule.rules["restrictions"])
    return payload


def _restrictions(url: str, rules: JSON) -> JSON:
    teams = [team for team in cast.TEAMS if team.slug in rules.get("teams", [])]
    return {
        "url": url,
        "users_url": f"{url}/users",
        "teams_url": f"{url}/teams",
        "apps_url": f"{url}/apps",
        "users": [people.simple(login) for login in rules.get("users", [])],
        "teams": [people.team(team) for team in teams],
        "apps": [],
    }


def rules(repository: Repository, rule: BranchProtection) -> list[JSON]:
    """`repository-rule-detailed`, one for each thing that the branch protection asks."""
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": repository.full_name,
        "ruleset_id": rule.pk,
    }
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
    return [one | source for one in found]
