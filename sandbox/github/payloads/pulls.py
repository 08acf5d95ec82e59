"""Pull requests, reviews, comments and labels."""

import zlib
from urllib.parse import quote

from sandbox.github import access
from sandbox.github.addresses import api, iso, iso_or_none, node_id, web
from sandbox.github.git import history
from sandbox.github.models import Comment, Pull, Repository, Review
from sandbox.github.payloads import JSON, people, repositories
from sandbox.world import cast


def _api(repository: Repository, *parts: str | int) -> str:
    return api("repos", repository.owner, repository.name, *parts)


def label(repository: Repository, name: str) -> JSON:
    """`label`."""
    number = zlib.crc32(name.encode())
    return {
        "id": number,
        "node_id": node_id("Label", number),
        "url": _api(repository, "labels", name),
        "name": name,
        "description": "",
        "color": f"{number & 0xFFFFFF:06x}",
        "default": False,
    }


def _side(repository: Repository, branch: str, sha: str, repo: JSON) -> JSON:
    return {
        "label": f"{repository.owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": people.simple(repository.owner),
        "repo": repo,
    }


def association(repository: Repository, login: str) -> str:
    return "MEMBER" if cast.person(login) else "NONE"


def simple(pull: Pull, login: str | None = None) -> JSON:
    """`pull-request-simple`, as lists carry it."""
    repository = pull.repository
    url = _api(repository, "pulls", pull.number)
    issue = _api(repository, "issues", pull.number)
    page = web(repository.owner, repository.name, "pull", pull.number)
    links = {
        "self": url,
        "html": page,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{_api(repository, 'pulls', 'comments')}{{/number}}",
        "commits": f"{url}/commits",
        "statuses": _api(repository, "statuses", pull.head_sha),
    }
    repo = repositories.whole(repository, login)
    teams = [team for team in cast.TEAMS if team.slug in pull.requested_teams]
    return {
        "url": url,
        "id": pull.pk,
        "node_id": node_id("PullRequest", pull.pk),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        **{f"{name}_url": links[name] for name in links if name not in ("self", "html", "issue")},
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "active_lock_reason": None,
        "title": pull.title,
        "user": people.simple(pull.author),
        "body": pull.body,
        "labels": [label(repository, name) for name in pull.labels],
        "milestone": None,
        "created_at": iso(pull.created_at),
        "updated_at": iso(pull.updated_at),
        "closed_at": iso_or_none(pull.closed_at),
        "merged_at": iso_or_none(pull.merged_at),
        "merge_commit_sha": pull.merge_commit or None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [people.simple(one) for one in pull.requested_reviewers],
        "requested_teams": [people.team(team) for team in teams],
        "head": _side(repository, pull.head, pull.head_sha, repo),
        "base": _side(repository, pull.base, pull.base_sha, repo),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": association(repository, pull.author),
        "auto_merge": None,
        "draft": pull.draft,
    }


def full(pull: Pull, mergeable: bool | None, mergeable_state: str, login: str | None = None) -> JSON:
    """`pull-request`, as asking for one answers it."""
    path = pull.repository.path
    ancestor = history.merge_base(path, pull.base_sha, pull.head_sha) or history.EMPTY_TREE
    files = history.changes(path, ancestor, pull.head_sha)
    return simple(pull, login) | {
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "mergeable_state": mergeable_state,
        "rebaseable": mergeable,
        "merged_by": people.simple(pull.merged_by) if pull.merged_by else None,
        "comments": pull.comments.count(),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": history.count(path, pull.head_sha, f"^{pull.base_sha}"),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def minimal(pull: Pull) -> JSON:
    """`pull-request-minimal`, as runs and checks name theirs."""
    repository = pull.repository
    repo = {"id": repository.pk, "url": _api(repository), "name": repository.name}
    return {
        "id": pull.pk,
        "number": pull.number,
        "url": _api(repository, "pulls", pull.number),
        "head": {"ref": pull.head, "sha": pull.head_sha, "repo": repo},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": repo},
    }


def review(one: Review) -> JSON:
    """`pull-request-review`."""
    pull = one.pull
    url = _api(pull.repository, "pulls", pull.number)
    page = web(pull.repository.owner, pull.repository.name, "pull", pull.number)
    return {
        "id": one.pk,
        "node_id": node_id("PullRequestReview", one.pk),
        "user": people.simple(one.author),
        "body": one.body,
        "state": one.state,
        "html_url": f"{page}#pullrequestreview-{one.pk}",
        "pull_request_url": url,
        "_links": {"html": {"href": f"{page}#pullrequestreview-{one.pk}"}, "pull_request": {"href": url}},
        "submitted_at": iso(one.submitted_at),
        "commit_id": one.commit,
        "author_association": association(pull.repository, one.author),
    }


def comment(one: Comment) -> JSON:
    """`issue-comment`."""
    pull = one.pull
    page = web(pull.repository.owner, pull.repository.name, "pull", pull.number)
    return {
        "id": one.pk,
        "node_id": node_id("IssueComment", one.pk),
        "url": _api(pull.repository, "issues", "comments", one.pk),
        "html_url": f"{page}#issuecomment-{one.pk}",
        "issue_url": _api(pull.repository, "issues", pull.number),
        "user": people.simple(one.author),
        "body": one.body,
        "created_at": iso(one.created_at),
        "updated_at": iso(one.updated_at),
        "author_association": association(pull.repository, one.author),
        "performed_via_github_app": None,
    }


def permission(repository: Repository, login: str) -> JSON:
    """`repository-collaborator-permission`."""
    have = access.permission(login, repository)
    rights = {name: access.allows(have, need) for name, need in repositories.PERMISSIONS.items()}
    return {
        "permission": have,
        "role_name": have,
        "user": people.simple(login) | {"permissions": rights, "role_name": have},
    }


def compare_url(repository: Repository, before: str, after: str) -> str:
    return web(repository.owner, repository.name, "compare", f"{quote(before)}...{quote(after)}")
