"""Commits, trees, blobs and files."""

import base64
from urllib.parse import quote

from sandbox.github.formats import iso, node_id, repository_api, repository_page
from sandbox.github.git import history, objects
from sandbox.github.git.objects import Commit, Entry, Signature
from sandbox.github.models import Repository
from sandbox.github.payloads import JSON, people

UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def signature(signature: Signature) -> JSON:
    return {"name": signature.name, "email": signature.email, "date": iso(signature.at)}


def git_commit(repository: Repository, commit: Commit) -> JSON:
    """`git-commit`."""
    return {
        "sha": commit.sha,
        "node_id": node_id(f"Commit{commit.sha}", repository.pk),
        "url": repository_api(repository, "git", "commits", commit.sha),
        "html_url": repository_page(repository, "commit", commit.sha),
        "author": signature(commit.author),
        "committer": signature(commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": repository_api(repository, "git", "trees", commit.tree)},
        "parents": _parents(repository, commit, "git", "commits"),
        "verification": UNSIGNED,
    }


def _parents(repository: Repository, commit: Commit, *resource: str) -> list[JSON]:
    return [
        {
            "sha": sha,
            "url": repository_api(repository, *resource, sha),
            "html_url": repository_page(repository, "commit", sha),
        }
        for sha in commit.parents
    ]


def commit(repository: Repository, commit: Commit) -> JSON:
    """`commit`, without its files."""
    details, url = git_commit(repository, commit), repository_api(repository, "commits", commit.sha)
    return {
        **{name: details[name] for name in ("sha", "node_id", "html_url")},
        "url": url,
        "comments_url": f"{url}/comments",
        "commit": {
            **{name: details[name] for name in ("url", "author", "committer", "message", "tree", "verification")},
            "comment_count": 0,
        },
        "author": people.by_email(commit.author.email),
        "committer": people.by_email(commit.committer.email),
        "parents": _parents(repository, commit, "commits"),
    }


def simple(commit: Commit) -> JSON:
    """`simple-commit`: the head commit of a workflow run."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": iso(commit.committer.at),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }


def pushed(repository: Repository, commit: Commit) -> JSON:
    """A commit as a push webhook lists it, with its changed paths."""
    parent = commit.parents[0] if commit.parents else history.EMPTY_TREE
    return simple(commit) | {
        "distinct": True,
        "url": repository_page(repository, "commit", commit.sha),
        **history.changed_paths(repository.path, parent, commit.sha),
    }


def tree(repository: Repository, sha: str, entries: list[Entry], truncated: bool = False) -> JSON:
    """`git-tree`."""
    listed = [_tree_entry(repository, entry) for entry in entries]
    return {"sha": sha, "url": repository_api(repository, "git", "trees", sha), "truncated": truncated, "tree": listed}


def _tree_entry(repository: Repository, entry: Entry) -> JSON:
    payload: JSON = {"path": entry.path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
    if entry.size is not None:
        payload["size"] = entry.size
    return payload | {"url": repository_api(repository, "git", f"{entry.type}s", entry.sha)}


def blob(repository: Repository, sha: str, content: bytes) -> JSON:
    """`blob`."""
    return {
        "sha": sha,
        "node_id": node_id(f"Blob{sha}", repository.pk),
        "url": repository_api(repository, "git", "blobs", sha),
        "size": len(content),
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }


def content_file(repository: Repository, entry: Entry, ref: str) -> JSON:
    """`content-file`."""
    url = f"{repository_api(repository, 'contents', entry.path)}?ref={quote(ref)}"
    payload = blob(repository, entry.sha, objects.blob(repository.path, entry.sha))
    page = repository_page(repository, "blob", ref, entry.path)
    return {
        "type": "file",
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        **{name: payload[name] for name in ("sha", "size", "content", "encoding")},
        "url": url,
        "html_url": page,
        "git_url": payload["url"],
        "download_url": repository_page(repository, "raw", ref, entry.path),
        "_links": {"self": url, "git": payload["url"], "html": page},
    }
