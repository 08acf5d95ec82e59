"""Pull requests and reviews."""

from sandbox.github.formats import iso, iso_or_none, node_id, repository_api, repository_page
from sandbox.github.git import history
from sandbox.github.models import Pull, Repository, Review
from sandbox.github.payloads import JSON, people, repositories
from sandbox.world import cast

ALWAYS_NULL = ("active_lock_reason", "milestone", "assignee", "auto_merge")


def _side(repository: Repository, branch: str, sha: str, repo: JSON) -> JSON:
    owner = people.simple(repository.owner)
    return {"label": f"{repository.owner}:{branch}", "ref": branch, "sha": sha, "user": owner, "repo": repo}


def association(login: str) -> str:
    return "MEMBER" if cast.person(login) else "NONE"


def _links(pull: Pull) -> dict[str, str]:
    url = repository_api(pull.repository, "pulls", pull.number)
    issue = repository_api(pull.repository, "issues", pull.number)
    return {
        "self": url,
        "html": repository_page(pull.repository, "pull", pull.number),
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{repository_api(pull.repository, 'pulls', 'comments')}{{/number}}",
        "commits": f"{url}/commits",
        "statuses": repository_api(pull.repository, "statuses", pull.head_sha),
    }


def simple(pull: Pull, login: str | None = None) -> JSON:
    """`pull-request-simple`, the form used in lists."""
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
        **dict.fromkeys(ALWAYS_NULL),
        **{name: [] for name in ("labels", "assignees", "requested_reviewers", "requested_teams")},
    }


def full(pull: Pull, mergeable: bool | None, mergeable_state: str, login: str | None = None) -> JSON:
    """`pull-request`, the form used for a single pull request."""
    path = pull.repository.path
    files, added, removed = history.diff_stat(path, pull.base_sha, pull.head_sha)
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
    """`pull-request-minimal`, the form used in runs and checks."""
    repository = pull.repository
    repo = {"id": repository.pk, "url": repository_api(repository), "name": repository.name}
    return {
        "id": pull.pk,
        "number": pull.number,
        "url": repository_api(repository, "pulls", pull.number),
        "head": {"ref": pull.head, "sha": pull.head_sha, "repo": repo},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": repo},
    }


def review(review: Review) -> JSON:
    """`pull-request-review`."""
    links = _links(review.pull)
    page = f"{links['html']}#pullrequestreview-{review.pk}"
    return {
        "id": review.pk,
        "node_id": node_id("PullRequestReview", review.pk),
        "user": people.simple(review.author),
        "body": review.body,
        "state": review.state,
        "html_url": page,
        "pull_request_url": links["self"],
        "_links": {"html": {"href": page}, "pull_request": {"href": links["self"]}},
        "submitted_at": iso(review.submitted_at),
        "commit_id": review.commit,
        "author_association": association(review.author),
    }
