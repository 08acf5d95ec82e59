"""`/commits`, `/contents` and `/compare`: the repository as a reader sees it."""

from typing import Any

from sandbox.github.addresses import api
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.git import history, objects, refs
from sandbox.github.git.objects import Entry
from sandbox.github.models import Repository
from sandbox.github.payloads import commits as payloads
from sandbox.github.payloads.pulls import compare_url
from sandbox.github.refusals import Refused, empty, not_found

MOST_COMMITS = 1000


def _resolve(repository: Repository, name: str) -> str:
    """The commit of a name. Raises Refused: 409 in an empty repository, 422 for what names nothing."""
    if refs.is_empty(repository.path):
        raise empty()
    found = refs.resolve(repository.path, name)
    if found is None:
        raise Refused(422, f"No commit found for SHA: {name}")
    return found


def listing(call: Call) -> Answer:
    repository = call.repository
    start = _resolve(repository, call.request.GET.get("sha") or repository.default_branch)
    shas = history.log(repository.path, start, limit=MOST_COMMITS, below=call.request.GET.get("path", ""))
    return page(call, shas, lambda sha: payloads.commit(repository, objects.commit(repository.path, sha)))


def show(call: Call, ref: str) -> Any:
    found = objects.commit(call.repository.path, _resolve(call.repository, ref))
    return payloads.commit_with_files(call.repository, found)


def contents(call: Call, path: str = "") -> Any:
    repository = call.repository
    ref = call.request.GET.get("ref") or repository.default_branch
    if refs.is_empty(repository.path):
        raise Refused(404, "This repository is empty.")
    sha = refs.resolve(repository.path, ref)
    if sha is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    entry = _entry(repository, sha, path.strip("/"))
    if entry is not None and entry.type != "tree":
        return payloads.content_file(repository, entry, ref)
    below = objects.entries(repository.path, sha, below=f"{path.strip('/')}/" if path.strip("/") else "")
    return [payloads.content(repository, one, ref) for one in below]


def _entry(repository: Repository, sha: str, path: str) -> Entry | None:
    """The entry at a path; None for the root. Raises Refused (404) where nothing is."""
    if not path:
        return None
    found = objects.entries(repository.path, sha, below=path)
    if len(found) != 1 or found[0].path != path:
        raise not_found()
    return found[0]


def compare(call: Call, basehead: str) -> Any:
    repository = call.repository
    base_name, dots, head_name = basehead.partition("...")
    if refs.is_empty(repository.path):
        raise empty()
    base, head = (refs.resolve(repository.path, name.rpartition(":")[2]) for name in (base_name, head_name))
    if not dots or base is None or head is None:
        raise not_found()
    path = repository.path
    shared = history.merge_base(path, base, head)
    if shared is None:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = history.count(path, head, f"^{base}"), history.count(path, base, f"^{head}")
    status = "identical" if base == head else "diverged" if ahead and behind else "ahead" if ahead else "behind"
    page_url = compare_url(repository, base_name, head_name)
    between = objects.commits(path, reversed(history.log(path, head, f"^{base}"))) if ahead else []
    return {
        "url": api("repos", repository.owner, repository.name, "compare", basehead),
        "html_url": page_url,
        "permalink_url": compare_url(repository, base[:12], head[:12]),
        "diff_url": f"{page_url}.diff",
        "patch_url": f"{page_url}.patch",
        "base_commit": payloads.commit(repository, objects.commit(path, base)),
        "merge_base_commit": payloads.commit(repository, objects.commit(path, shared)),
        "status": status,
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": [payloads.commit(repository, one) for one in between],
        "files": [payloads.difference(repository, head, file) for file in history.changes(path, shared, head)],
    }
