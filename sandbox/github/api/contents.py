"""`/contents`: a file as a reader sees it; folders are read as trees."""

from typing import Any

from sandbox.github.api.door import Call
from sandbox.github.git import objects, refs
from sandbox.github.payloads import commits as payloads
from sandbox.github.refusals import Refused, not_found


def file(call: Call, path: str) -> Any:
    repository = call.repository
    ref = call.request.GET.get("ref") or repository.default_branch
    if refs.is_empty(repository.path):
        raise Refused(404, "This repository is empty.")
    sha = refs.resolve(repository.path, ref)
    if sha is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    found = objects.entries(repository.path, sha, below=path)
    if len(found) != 1 or found[0].type != "blob":
        raise not_found()
    return payloads.content_file(repository, found[0], ref)
