"""A repository at one commit as far as a plan needs it: every path, and the text of what tells something."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integrations.errors import Missing
from integrations.source import Entry, Head, RepositoryFacts
from onboarding import stacks
from onboarding.looking import Refused, source

MAX_BYTES = 1_000_000
MAX_LEVELS = 80
"""Folders that are looked into one by one where the host lists only some of the files; each is one call."""


@dataclass(frozen=True)
class Read:
    """A repository as it was read at one commit."""

    head: Head
    paths: list[str]
    texts: dict[str, str]
    warnings: list[str]


def read(facts: RepositoryFacts) -> Read:
    """The repository at the head of its default branch. Raises Refused, IntegrationError."""
    name, branch = facts.full_name, facts.default_branch
    try:
        head = source().head(name, branch)
    except Missing as error:
        if source().is_empty(name):
            raise Refused("empty", f"{name} is empty. Push a first commit, then come back.") from error
        raise Refused(
            "no-default-branch",
            f"The default branch of {name} is {branch}, and there is no such branch. Choose another in its settings.",
        ) from error
    entries, warnings = _listed(name, head.tree)
    if not entries:
        raise Refused("empty", f"{name} holds no files yet. Push something to build, then come back.")
    paths = [entry.path for entry in entries]
    texts, unread = _texts(name, entries, stacks.wanted(paths))
    return Read(head, paths, texts, [*warnings, *unread])


def _listed(name: str, tree: str) -> tuple[tuple[Entry, ...], list[str]]:
    """All files; where the host lists only some of them, also those of the folders that it did not come to, the upper ones
    before the lower. A listing goes into each folder before it goes on, so all but those above its last file are whole."""
    found = source().tree(name, tree)
    if not found.truncated:
        return found.entries, []
    entries = {entry.path: entry for entry in found.entries}
    last = found.entries[-1].path if found.entries else ""
    whole = {parent for path in entries for parent in _above(path)} - {*_above(last)}
    left, looked = [(0, "", tree)], 0
    while left and looked < MAX_LEVELS:
        depth, folder, sha = heapq.heappop(left)
        level = source().level(name, sha)
        looked += 1
        prefix = f"{folder}/" if folder else ""
        entries |= {f"{prefix}{one.path}": Entry(f"{prefix}{one.path}", one.blob, one.size) for one in level.entries}
        for one, below in level.folders.items():
            if f"{prefix}{one}" not in whole and stacks.worth(f"{prefix}{one}"):
                heapq.heappush(left, (depth + 1, f"{prefix}{one}", below))
    says = (
        f"The source host lists only a part of so many files; {looked} folders more were looked into one by one. "
        + ("What lies deeper may be missing from this plan." if left else "Nothing that would be deployed is missing.")
    )
    return tuple(entries[path] for path in sorted(entries)), [says]


def _above(path: str) -> Iterator[str]:
    """The folders that hold this path, the nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _texts(name: str, entries: Sequence[Entry], wanted: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The manifests' text; what is too large or no UTF-8 is left out, and said."""
    held = {entry.path: entry for entry in entries}
    texts, warnings = {}, []
    for path in wanted:
        if held[path].size > MAX_BYTES and path.rpartition("/")[2] in (*stacks.LOCKS, "package-lock.json"):
            continue  # it is only compared with its manifest
        if held[path].size > MAX_BYTES:
            warnings.append(f"{path} is larger than {MAX_BYTES // 1000:,} kB and was not read.")
            continue
        try:
            texts[path] = source().blob(name, held[path].blob).decode()
        except UnicodeDecodeError:
            warnings.append(f"{path} is not UTF-8 text and was not read.")
    return texts, warnings
