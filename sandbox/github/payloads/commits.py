"""Commits, trees, blobs and files."""

import base64
from urllib.parse import quote

from sandbox.github.addresses import api_of, iso, node_id, page_of
from sandbox.github.git import history, objects
from sandbox.github.git.objects import Commit, Entry, Signature
from sandbox.github.models import Repository
from sandbox.github.payloads import JSON, people

UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def signature(one: Signature) -> JSON:
    return {"name": one.name, "email": one.email, "date": iso(one.at)}


def git_commit(repository: Repository, one: Commit) -> JSON:
    """`git-commit`."""
    return {
        "sha": one.sha,
        "node_id": node_id(f"Commit{one.sha}", repository.pk),
        "url": api_of(repository, "git", "commits", one.sha),
        "html_url": page_of(repository, "commit", one.sha),
        "author": signature(one.author),
        "committer": signature(one.committer),
        "message": one.message,
        "tree": {"sha": one.tree, "url": api_of(repository, "git", "trees", one.tree)},
        "parents": _parents(repository, one, "git", "commits"),
        "verification": UNSIGNED,
    }


def _parents(repository: Repository, one: Commit, *where: str) -> list[JSON]:
    return [
        {"sha": sha, "url": api_of(repository, *where, sha), "html_url": page_of(repository, "commit", sha)}
        for sha in one.parents
    ]


def commit(repository: Repository, one: Commit) -> JSON:
    """`commit`, without its files."""
    inside, url = git_commit(repository, one), api_of(repository, "commits", one.sha)
    return {
        **{name: inside[name] for name in ("sha", "node_id", "html_url")},
        "url": url,
        "comments_url": f"{url}/comments",
        "commit": {
            **{name: inside[name] for name in ("url", "author", "committer", "message", "tree", "verification")},
            "comment_count": 0,
        },
        "author": people.by_email(one.author.email),
        "committer": people.by_email(one.committer.email),
        "parents": _parents(repository, one, "commits"),
    }


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
    return simple(one) | {
        "distinct": True,
        "url": page_of(repository, "commit", one.sha),
        **history.names(repository.path, parent, one.sha),
    }


def tree(repository: Repository, sha: str, entries: list[Entry], truncated: bool = False) -> JSON:
    """`git-tree`."""
    listed = [_tree_entry(repository, entry) for entry in entries]
    return {"sha": sha, "url": api_of(repository, "git", "trees", sha), "truncated": truncated, "tree": listed}


def _tree_entry(repository: Repository, entry: Entry) -> JSON:
    payload: JSON = {"path": entry.path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
    if entry.size is not None:
        payload["size"] = entry.size
    return payload | {"url": api_of(repository, "git", f"{entry.type}s", entry.sha)}


def blob(repository: Repository, sha: str, content: bytes) -> JSON:
    """`blob`."""
    return {
        "sha": sha,
        "node_id": node_id(f"Blob{sha}", repository.pk),
        "url": api_of(repository, "git", "blobs", sha),
        "size": len(content),
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }


def content_file(repository: Repository, entry: Entry, ref: str) -> JSON:
    """`content-file`."""
    url = f"{api_of(repository, 'contents', entry.path)}?ref={quote(ref)}"
    held = blob(repository, entry.sha, objects.blob(repository.path, entry.sha))
    page = page_of(repository, "blob", ref, entry.path)
    return {
        "type": "file",
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        **{name: held[name] for name in ("sha", "size", "content", "encoding")},
        "url": url,
        "html_url": page,
        "git_url": held["url"],
        "download_url": page_of(repository, "raw", ref, entry.path),
        "_links": {"self": url, "git": held["url"], "html": page},
    }
