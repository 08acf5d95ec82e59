"""`/repos/{owner}/{repo}/git/…`: refs, commits, trees and blobs as git knows them; and `/contents`."""

import base64
import binascii
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from sandbox.github import access, pushes
from sandbox.github.api.door import Answer, Call
from sandbox.github.git import objects, refs
from sandbox.github.git.objects import Change, Signature
from sandbox.github.git.program import ZERO, GitError
from sandbox.github.payloads import commits
from sandbox.github.payloads import repositories as payloads
from sandbox.github.refusals import Refused, found, not_found

MODES = ("100644", "100755", "040000", "160000", "120000")
MOST_ENTRIES = 100_000
NO_REF = "Reference does not exist"


def _ref_payload(call: Call, ref: str, sha: str) -> dict[str, Any]:
    kind = objects.type_of(call.repository.path, sha) or "commit"
    return payloads.ref(call.repository, ref, sha, kind)


def ref(call: Call, ref: str) -> Any:
    full = f"refs/{ref.removeprefix('refs/')}"
    return _ref_payload(call, full, found(refs.of(call.repository.path, full)))


def create_ref(call: Call) -> Answer:
    call.need("write")
    name, sha = call.field("ref"), call.field("sha")
    path = call.repository.path
    if not refs.valid(path, name):
        raise Refused(422, f"{name} is not a valid ref name.")
    if not refs.SHA.fullmatch(sha) or objects.type_of(path, sha) is None:
        raise Refused(422, "Object does not exist")
    if refs.of(path, name) is not None:
        raise Refused(422, "Reference already exists")
    _may_create(call, name)
    _move(call, name, sha, ZERO, "Reference already exists")
    return Answer(_ref_payload(call, name, sha), 201)


def _may_create(call: Call, ref: str) -> None:
    """A rule with restrictions on new branches lets only the named create what it matches."""
    branch = ref.removeprefix(pushes.HEADS)
    rule = call.repository.protection_of(branch)
    if not ref.startswith(pushes.HEADS) or rule is None or not rule.rules.get("block_creations"):
        return
    if not access.may_bypass(call.by, call.repository, branch):
        raise Refused(422, f"Cannot create the branch {branch}: a branch protection rule does not let you.")


def _may_move(call: Call, ref: str) -> None:
    branch = ref.removeprefix(pushes.HEADS)
    if ref.startswith(pushes.HEADS) and not access.may_bypass(call.by, call.repository, branch):
        raise Refused(422, "Protected branch update failed: changes must be made through a pull request.")


def _move(call: Call, ref: str, new: str, old: str, otherwise: str) -> None:
    try:
        pushes.update(call.repository, ref, new, old, call.by.login)
    except GitError as error:
        raise Refused(422, otherwise) from error


def update_ref(call: Call, ref: str) -> Any:
    call.need("write")
    sha = call.field("sha")
    path, full = call.repository.path, f"refs/{ref}"
    old = found(refs.of(path, full), Refused(422, NO_REF))
    if not refs.SHA.fullmatch(sha) or objects.type_of(path, sha) != "commit":
        raise Refused(422, "Object does not exist")
    if not call.field("force", bool, False) and not refs.contains(path, sha, old):
        raise Refused(422, "Update is not a fast forward")
    _may_move(call, full)
    _move(call, full, sha, old, "Reference cannot be updated")
    return _ref_payload(call, full, sha)


def delete_ref(call: Call, ref: str) -> Answer:
    call.need("write")
    full = f"refs/{ref}"
    old = found(refs.of(call.repository.path, full), Refused(422, NO_REF))
    if full == f"{pushes.HEADS}{call.repository.default_branch}":
        raise Refused(422, "Cannot delete the default branch")
    _may_move(call, full)
    _move(call, full, ZERO, old, "Reference cannot be deleted")
    return Answer(status=204)


def tree(call: Call, sha: str) -> Any:
    path = call.repository.path
    tree = found(objects.tree_of(path, refs.resolve(path, sha) or sha))
    listed = objects.entries(path, tree, recursive=bool(call.request.GET.get("recursive")))
    return commits.tree(call.repository, tree, listed[:MOST_ENTRIES], truncated=len(listed) > MOST_ENTRIES)


def create_tree(call: Call) -> Answer:
    call.need("write")
    asked = call.field("tree", list)
    path = call.repository.path
    base = call.field("base_tree", str, None)
    if base is not None:
        base = found(objects.tree_of(path, base))
    changes = [_change(call, item) for item in asked]
    try:
        made = objects.write_tree(path, base, changes)
    except GitError as error:
        raise Refused(422, "GitRPC::BadObjectState") from error
    return Answer(commits.tree(call.repository, made, objects.entries(path, made)), 201)


def _change(call: Call, item: Any) -> Change:
    if not isinstance(item, dict) or not isinstance(item.get("path"), str) or item.get("mode") not in MODES:
        raise Refused(422, "Invalid tree info")
    name = item["path"]
    parts = name.split("/")
    if not all(parts) or {".", "..", ".git"} & {part.lower() for part in parts} or "\0" in name:
        raise Refused(422, "tree.path contains a malformed path component")
    if "content" in item:
        return Change(name, item["mode"], objects.write_blob(call.repository.path, str(item["content"]).encode()))
    sha = item.get("sha")
    if sha is not None and (not refs.SHA.fullmatch(str(sha)) or objects.type_of(call.repository.path, sha) is None):
        raise Refused(422, f"tree.sha {sha} is not a valid {item.get('type', 'blob')}")
    return Change(name, item["mode"], sha)


def blob(call: Call, sha: str) -> Any:
    if objects.type_of(call.repository.path, sha) != "blob":
        raise not_found()
    return commits.blob(call.repository, sha, objects.blob(call.repository.path, sha))


def create_blob(call: Call) -> Answer:
    call.need("write")
    content = call.field("content").encode()
    if call.field("encoding", str, "utf-8") == "base64":
        try:
            content = base64.b64decode(content)
        except binascii.Error as error:
            raise Refused(422, "content is not valid Base64") from error
    sha = objects.write_blob(call.repository.path, content)
    return Answer({"sha": sha, "url": commits.blob(call.repository, sha, b"")["url"]}, 201)


def commit(call: Call, sha: str) -> Any:
    if objects.type_of(call.repository.path, sha) != "commit":
        raise not_found()
    return commits.git_commit(call.repository, objects.commit(call.repository.path, sha))


def create_commit(call: Call) -> Answer:
    call.need("write")
    message, tree_sha, parents = call.field("message"), call.field("tree"), call.field("parents", list, [])
    path = call.repository.path
    if objects.type_of(path, tree_sha) != "tree":
        raise Refused(422, "Tree SHA does not exist")
    for parent in parents:
        if objects.type_of(path, str(parent)) != "commit":
            raise Refused(422, "Parent SHA does not exist or is not a commit object")
    author = _signature(call, "author", None)
    committer = _signature(call, "committer", author)
    sha = objects.write_commit(path, tree_sha, parents, message, author, committer)
    return Answer(commits.git_commit(call.repository, objects.commit(path, sha)), 201)


def _signature(call: Call, name: str, usual: Signature | None) -> Signature:
    given = call.field(name, dict, {})
    me = usual or Signature(call.by.name, call.by.email, timezone.now())
    at: datetime | None = parse_datetime(str(given.get("date"))) if given.get("date") else me.at
    if at is None:
        raise Refused(422, f"Invalid request.\n\n'{given.get('date')}' is not a valid date-time.")
    return Signature(str(given.get("name", me.name)), str(given.get("email", me.email)), at)


def file(call: Call, path: str) -> Any:
    """A file as a reader sees it; folders are read as trees."""
    repository = call.repository
    ref = call.request.GET.get("ref") or repository.default_branch
    if refs.is_empty(repository.path):
        raise Refused(404, "This repository is empty.")
    sha = found(refs.resolve(repository.path, ref), Refused(404, f"No commit found for the ref {ref}"))
    entry = next((one for one in objects.entries(repository.path, sha, below=path) if one.type == "blob"), None)
    return commits.content_file(repository, found(entry), ref)
