"""Pull requests and reviews."""

from sandbox.github.addresses import api_of, iso, iso_or_none, node_id, page_of
from sandbox.github.git import history
from sandbox.github.models import Pull, Repository, Review
from sandbox.github.payloads import JSON, people, repositories
from sandbox.world import cast

NOT_HERE = ("active_lock_reason", "milestone", "assignee", "auto_merge")


def _side(repository: Repository, branch: str, sha: str, repo: JSON) -> JSON:
    owner = people.simple(repository.owner)
    return {"label": f"{repository.owner}:{branch}", "ref": branch, "sha": sha, "user": owner, "repo": repo}


def association(login: str) -> str:
    return "MEMBER" if cast.person(login) else "NONE"


def _links(pull: Pull) -> dict[str, str]:
    url = api_of(pull.repository, "pulls", pull.number)
    issue = api_of(pull.repository, "issues", pull.number)
    return {
        "self": url,
        "html": page_of(pull.repository, "pull", pull.number),
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api_of(pull.repository, 'pulls', 'comments')}{{/number}}",
        "commits": f"{url}/commits",
        "statuses": api_of(pull.repository, "statuses", pull.head_sha),
    }


def simple(pull: Pull, login: str | None = None) -> JSON:
    """`pull-request-simple`, as lists carry it."""
    links, repo = _links(pull), repositories.full(pull.repository, login)
    return {
        "url": links["self"],
        "id": pull.pk,
        "node_id": node_id("PullRequest", pull.pk),
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        **{f"{name}_url": href for name, href in links.items() if name != "self"},
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": people.simple(pull.author),
        "body": pull.body,
        "created_at": iso(pull.created_at),
        "updated_at": iso(pull.updated_at),
        "closed_at": iso_or_none(pull.closed_at),
        "merged_at": iso_or_none(pull.merged_at),
        "merge_commit_sha": pull.merge_commit or None,
        "head": _side(pull.repository, pull.head, pull.head_sha, repo),
        "base": _side(pull.repository, pull.base, pull.base_sha, repo),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": association(pull.author),
        "draft": False,
        **dict.fromkeys(NOT_HERE),
        **{name: [] for name in ("labels", "assignees", "requested_reviewers", "requested_teams")},
    }


def full(pull: Pull, mergeable: bool | None, mergeable_state: str, login: str | None = None) -> JSON:
    """`pull-request`, as asking for one answers it."""
    path = pull.repository.path
    files, added, removed = history.size_of_changes(path, pull.base_sha, pull.head_sha)
    return simple(pull, login) | {
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "mergeable_state": mergeable_state,
        "rebaseable": mergeable,
        "merged_by": people.simple(pull.merged_by) if pull.merged_by else None,
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": history.count(path, pull.head_sha, f"^{pull.base_sha}"),
        "additions": added,
        "deletions": removed,
        "changed_files": files,
    }


def minimal(pull: Pull) -> JSON:
    """`pull-request-minimal`, as runs and checks name theirs."""
    repository = pull.repository
    repo = {"id": repository.pk, "url": api_of(repository), "name": repository.name}
    return {
        "id": pull.pk,
        "number": pull.number,
        "url": api_of(repository, "pulls", pull.number),
        "head": {"ref": pull.head, "sha": pull.head_sha, "repo": repo},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": repo},
    }


def review(one: Review) -> JSON:
    """`pull-request-review`."""
    links = _links(one.pull)
    page = f"{links['html']}#pullrequestreview-{one.pk}"
    return {
        "id": one.pk,
        "node_id": node_id("PullRequestReview", one.pk),
        "user": people.simple(one.author),
        "body": one.body,
        "state": one.state,
        "html_url": page,
        "pull_request_url": links["self"],
        "_links": {"html": {"href": page}, "pull_request": {"href": links["self"]}},
        "submitted_at": iso(one.submitted_at),
        "commit_id": one.commit,
        "author_association": association(one.author),
    }
