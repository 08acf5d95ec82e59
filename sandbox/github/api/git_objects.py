"""`/repos/{owner}/{repo}/git/…`: commits, trees and blobs; and `/contents`."""

import base64
import binascii
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from sandbox.github.api.call import Call, Response
from sandbox.github.errors import ApiError, not_found, required
from sandbox.github.formats import repository_api, repository_page
from sandbox.github.git import history, objects, refs
from sandbox.github.git.objects import Change, Signature
from sandbox.github.git.program import GitError
from sandbox.github.payloads import commits

MODES = ("100644", "100755", "040000", "160000", "120000")
MAX_TREE_ENTRIES = 100_000


def tree(call: Call, sha: str) -> Any:
    path = call.repository.path
    tree_sha = required(objects.tree_of(path, refs.resolve(path, sha) or sha))
    entries = objects.entries(path, tree_sha, recursive=bool(call.request.GET.get("recursive")))
    truncated = len(entries) > MAX_TREE_ENTRIES
    return commits.tree(call.repository, tree_sha, entries[:MAX_TREE_ENTRIES], truncated=truncated)


def create_tree(call: Call) -> Response:
    call.require("write")
    items = call.field("tree", list)
    path = call.repository.path
    base = call.field("base_tree", str, None)
    if base is not None:
        base = required(objects.tree_of(path, base))
    changes = [_change(call, item) for item in items]
    try:
        sha = objects.write_tree(path, base, changes)
    except GitError as error:
        raise ApiError(422, "GitRPC::BadObjectState") from error
    return Response(commits.tree(call.repository, sha, objects.entries(path, sha)), 201)


def _change(call: Call, item: Any) -> Change:
    if not isinstance(item, dict) or not isinstance(item.get("path"), str) or item.get("mode") not in MODES:
        raise ApiError(422, "Invalid tree info")
    name = item["path"]
    parts = name.split("/")
    if not all(parts) or {".", "..", ".git"} & {part.lower() for part in parts} or "\0" in name:
        raise ApiError(422, "tree.path contains a malformed path component")
    if "content" in item:
        return Change(name, item["mode"], objects.write_blob(call.repository.path, str(item["content"]).encode()))
    sha = item.get("sha")
    if sha is not None and (not refs.SHA.fullmatch(str(sha)) or objects.type_of(call.repository.path, sha) is None):
        raise ApiError(422, f"tree.sha {sha} is not a valid {item.get('type', 'blob')}")
    return Change(name, item["mode"], sha)


def blob(call: Call, sha: str) -> Any:
    if objects.type_of(call.repository.path, sha) != "blob":
        raise not_found()
    return commits.blob(call.repository, sha, objects.blob(call.repository.path, sha))


def create_blob(call: Call) -> Response:
    call.require("write")
    content = call.field("content").encode()
    if call.field("encoding", str, "utf-8") == "base64":
        try:
            content = base64.b64decode(content)
        except binascii.Error as error:
            raise ApiError(422, "content is not valid Base64") from error
    sha = objects.write_blob(call.repository.path, content)
    return Response({"sha": sha, "url": commits.blob(call.repository, sha, b"")["url"]}, 201)


def commit(call: Call, sha: str) -> Any:
    if objects.type_of(call.repository.path, sha) != "commit":
        raise not_found()
    return commits.git_commit(call.repository, objects.commit(call.repository.path, sha))


def create_commit(call: Call) -> Response:
    call.require("write")
    message, tree_sha, parents = call.field("message"), call.field("tree"), call.field("parents", list, [])
    path = call.repository.path
    if objects.type_of(path, tree_sha) != "tree":
        raise ApiError(422, "Tree SHA does not exist")
    for parent in parents:
        if objects.type_of(path, str(parent)) != "commit":
            raise ApiError(422, "Parent SHA does not exist or is not a commit object")
    author = _signature(call, "author", None)
    committer = _signature(call, "committer", author)
    sha = objects.write_commit(path, tree_sha, parents, message, author, committer)
    return Response(commits.git_commit(call.repository, objects.commit(path, sha)), 201)


def _signature(call: Call, name: str, default: Signature | None) -> Signature:
    values = call.field(name, dict, {})
    base = default or Signature(call.account.name, call.account.email, timezone.now())
    at: datetime | None = parse_datetime(str(values.get("date"))) if values.get("date") else base.at
    if at is None:
        raise ApiError(422, f"Invalid request.\n\n'{values.get('date')}' is not a valid date-time.")
    return Signature(str(values.get("name", base.name)), str(values.get("email", base.email)), at)


def file(call: Call, path: str) -> Any:
    """A file. Folders are read as trees, not here."""
    repository = call.repository
    ref = call.request.GET.get("ref") or repository.default_branch
    if refs.is_empty(repository.path):
        raise ApiError(404, "This repository is empty.")
    sha = required(refs.resolve(repository.path, ref), ApiError(404, f"No commit found for the ref {ref}"))
    entries = objects.entries(repository.path, sha, below=path)
    entry = next((entry for entry in entries if entry.type == "blob"), None)
    return commits.content_file(repository, required(entry), ref)


def compare(call: Call, basehead: str) -> Any:
    """`commit-comparison`, without its files."""
    repository, path = call.repository, call.repository.path
    names = basehead.partition("...")[::2]
    base, head = (required(refs.resolve(path, name)) for name in names)
    ancestor = required(history.merge_base(path, base, head), ApiError(404, f"No common ancestor between {basehead}."))
    ahead, behind = history.count(path, head, f"^{base}"), history.count(path, base, f"^{head}")
    url, page = repository_api(repository, "compare", basehead), repository_page(repository, "compare", basehead)
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    listed = history.log(path, head, f"^{base}")[::-1]
    return {
        "url": url,
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commits.commit(repository, objects.commit(path, base)),
        "merge_base_commit": commits.commit(repository, objects.commit(path, ancestor)),
        "status": status.get((ahead > 0, behind > 0), "identical"),
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": [commits.commit(repository, commit) for commit in objects.commits(path, listed)],
        "files": [],
    }
