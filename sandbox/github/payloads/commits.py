"""Commits, trees, blobs, files and differences."""

import base64
from urllib.parse import quote

from sandbox.github.addresses import api, iso, node_id, web
from sandbox.github.git import history, objects
from sandbox.github.git.history import FileChange
from sandbox.github.git.objects import Commit, Entry, Signature
from sandbox.github.models import Repository
from sandbox.github.payloads import JSON, people

UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def _api(repository: Repository, *parts: str) -> str:
    return api("repos", repository.owner, repository.name, *parts)


def _web(repository: Repository, *parts: str) -> str:
    return web(repository.owner, repository.name, *parts)


def signature(one: Signature) -> JSON:
    return {"name": one.name, "email": one.email, "date": iso(one.at)}


def git_commit(repository: Repository, one: Commit) -> JSON:
    """`git-commit`."""
    return {
        "sha": one.sha,
        "node_id": node_id(f"Commit{one.sha}", repository.pk),
        "url": _api(repository, "git", "commits", one.sha),
        "html_url": _web(repository, "commit", one.sha),
        "author": signature(one.author),
        "committer": signature(one.committer),
        "message": one.message,
        "tree": {"sha": one.tree, "url": _api(repository, "git", "trees", one.tree)},
        "parents": _parents(repository, one, "git", "commits"),
        "verification": UNSIGNED,
    }


def _parents(repository: Repository, one: Commit, *where: str) -> list[JSON]:
    return [
        {"sha": sha, "url": _api(repository, *where, sha), "html_url": _web(repository, "commit", sha)}
        for sha in one.parents
    ]


def commit(repository: Repository, one: Commit) -> JSON:
    """`commit`, without its files."""
    url = _api(repository, "commits", one.sha)
    return {
        "sha": one.sha,
        "node_id": node_id(f"Commit{one.sha}", repository.pk),
        "url": url,
        "html_url": _web(repository, "commit", one.sha),
        "comments_url": f"{url}/comments",
        "commit": {
            "url": _api(repository, "git", "commits", one.sha),
            "author": signature(one.author),
            "committer": signature(one.committer),
            "message": one.message,
            "comment_count": 0,
            "tree": {"sha": one.tree, "url": _api(repository, "git", "trees", one.tree)},
            "verification": UNSIGNED,
        },
        "author": people.by_email(one.author.email),
        "committer": people.by_email(one.committer.email),
        "parents": _parents(repository, one, "commits"),
    }


def commit_with_files(repository: Repository, one: Commit) -> JSON:
    parent = one.parents[0] if one.parents else history.EMPTY_TREE
    files = history.changes(repository.path, parent, one.sha)
    added, removed = sum(file.additions for file in files), sum(file.deletions for file in files)
    return commit(repository, one) | {
        "stats": {"additions": added, "deletions": removed, "total": added + removed},
        "files": [difference(repository, one.sha, file) for file in files],
    }


def difference(repository: Repository, sha: str, file: FileChange) -> JSON:
    """`diff-entry`."""
    payload: JSON = {
        "sha": file.sha,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": _web(repository, "blob", sha, file.path),
        "raw_url": _web(repository, "raw", sha, file.path),
        "contents_url": f"{_api(repository, 'contents', file.path)}?ref={sha}",
    }
    if file.patch is not None:
        payload["patch"] = file.patch
    if file.previous:
        payload["previous_filename"] = file.previous
    return payload


def simple(one: Commit) -> JSON:
    """`simple-commit`, as workflow runs carry their head."""
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "message": one.message,
        "timestamp": iso(one.committer.at),
        "author": {"name": one.author.name, "email": one.author.email},
        "committer": {"name": one.committer.name, "email": one.committer.email},
    }


def pushed(repository: Repository, one: Commit) -> JSON:
    """A commit as a push webhook lists it, with the paths that it touched."""
    parent = one.parents[0] if one.parents else history.EMPTY_TREE
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "distinct": True,
        "message": one.message,
        "timestamp": iso(one.committer.at),
        "url": _web(repository, "commit", one.sha),
        "author": signature(one.author),
        "committer": signature(one.committer),
        **history.names(repository.path, parent, one.sha),
    }


def tree(repository: Repository, sha: str, entries: list[Entry], truncated: bool = False) -> JSON:
    """`git-tree`."""
    return {
        "sha": sha,
        "url": _api(repository, "git", "trees", sha),
        "truncated": truncated,
        "tree": [_tree_entry(repository, entry) for entry in entries],
    }


def _tree_entry(repository: Repository, entry: Entry) -> JSON:
    payload: JSON = {"path": entry.path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
    if entry.size is not None:
        payload["size"] = entry.size
    return payload | {"url": _api(repository, "git", f"{entry.type}s", entry.sha)}


def blob(repository: Repository, sha: str, content: bytes) -> JSON:
    """`blob`."""
    return {
        "sha": sha,
        "node_id": node_id(f"Blob{sha}", repository.pk),
        "url": _api(repository, "git", "blobs", sha),
        "size": len(content),
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }


def content(repository: Repository, entry: Entry, ref: str) -> JSON:
    """What files and folders have in common below `/contents/`."""
    kind = {"tree": "dir", "blob": "file", "commit": "submodule"}[entry.type]
    if entry.mode == "120000":
        kind = "symlink"
    url = f"{_api(repository, 'contents', entry.path)}?ref={quote(ref)}"
    git_url = _api(repository, "git", "trees" if kind == "dir" else "blobs", entry.sha)
    page = _web(repository, "tree" if kind == "dir" else "blob", ref, entry.path)
    return {
        "type": kind,
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": url,
        "html_url": page,
        "git_url": git_url,
        "download_url": None if kind == "dir" else _web(repository, "raw", ref, entry.path),
        "_links": {"self": url, "git": git_url, "html": page},
    }


def content_file(repository: Repository, entry: Entry, ref: str) -> JSON:
    """`content-file`, or `content-symlink` with its target. From 1 MB on GitHub leaves the content out."""
    payload = content(repository, entry, ref)
    data = objects.blob(repository.path, entry.sha)
    if entry.mode == "120000":
        return payload | {"target": data.decode(errors="replace")}
    if len(data) > 1_000_000:
        return payload | {"content": "", "encoding": "none"}
    return payload | {"content": base64.encodebytes(data).decode(), "encoding": "base64"}
