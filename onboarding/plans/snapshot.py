"""A repository at one commit as far as a plan needs it: every path, and the text of the files that say something."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import readers
import stacks
from integrations.errors import Missing
from integrations.source import SUBMODULE, Entry, Head, RepositoryFacts, source_reader
from onboarding.plans.preflight import RequestRejected

MAX_BYTES = 1_000_000
"""Of one file."""

MAX_TOTAL = 20_000_000
"""Bytes of all files together."""

MAX_FOLDERS = 80
"""Folders that are listed one by one where the host lists only some of the files; each is one call."""


ATTRIBUTES = ".gitattributes"
"""Says which files git keeps elsewhere."""


@dataclass(frozen=True)
class Snapshot:
    """A repository as it was read at one commit."""

    head: Head
    paths: list[str]
    texts: dict[str, str]
    warnings: list[str]
    special: Mapping[str, str]
    """Path → what it is, for symbolic links and submodules."""

    @property
    def submodules(self) -> list[str]:
        return sorted(path for path, kind in self.special.items() if kind == SUBMODULE)

    @property
    def has_large_files(self) -> bool:
        """Whether Git LFS keeps some of its files. https://git-lfs.com"""
        return "filter=lfs" in self.texts.get(ATTRIBUTES, "")


def take(facts: RepositoryFacts) -> Snapshot:
    """The repository at the head of its default branch. Raises RequestRejected, IntegrationError, NotRead."""
    name, branch = facts.full_name, facts.default_branch
    try:
        head = source_reader().head(name, branch)
    except Missing as error:
        if source_reader().is_empty(name):
            raise RequestRejected("empty", f"{name} is empty. Push a first commit, then come back.") from error
        message = f"The default branch of {name} is {branch}, which does not exist. Choose another in its settings."
        raise RequestRejected("no-default-branch", message) from error
    listed, special, warnings = _list(name, head.tree)
    entries, left_out = _readable(listed)
    if not entries:
        raise RequestRejected("empty", f"{name} contains no files yet. Push something to build, then come back.")
    paths = [entry.path for entry in entries]
    texts, unread = _texts(name, entries, [*readers.wanted(paths), *({ATTRIBUTES} & set(paths))])
    readable, _ = stacks.readable(list(special))
    return Snapshot(head, paths, texts, [*warnings, *left_out, *unread], {path: special[path] for path in readable})


def _list(name: str, tree: str) -> tuple[tuple[Entry, ...], Mapping[str, str], list[str]]:
    """(all files, what is neither file nor folder, warnings). Where the host lists only some of them, also those of the folders it did not reach, upper ones
    first. A listing goes into each folder before it proceeds, so all folders but those above its last file are complete."""
    listing = source_reader().tree(name, tree)
    if not listing.truncated:
        return listing.entries, listing.special, []
    readable, _ = _readable(listing.entries)
    entries = {entry.path: entry for entry in readable}
    last = readable[-1].path if readable else ""
    complete = {parent for path in entries for parent in _parents(path)} - {*_parents(last)}
    special = dict(listing.special)
    pending, listed = [(0, "", tree)], 0
    while pending and listed < MAX_FOLDERS:
        depth, folder, sha = heapq.heappop(pending)
        contents = source_reader().folder(name, sha)
        listed += 1
        prefix = f"{folder}/" if folder else ""
        entries |= {
            f"{prefix}{entry.path}": Entry(f"{prefix}{entry.path}", entry.blob, entry.size)
            for entry in contents.entries
        }
        special |= {f"{prefix}{path}": kind for path, kind in contents.special.items()}
        for child, child_sha in contents.folders.items():
            if f"{prefix}{child}" not in complete and stacks.worth(f"{prefix}{child}"):
                heapq.heappush(pending, (depth + 1, f"{prefix}{child}", child_sha))
    warning = (
        f"The source host lists only some of this many files; Onramp listed {listed} more folders one by one. "
        + ("Files in deeper folders may be missing from this plan." if pending else "Nothing deployable is missing.")
    )
    return tuple(entries[path] for path in sorted(entries)), special, [warning]


def _readable(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], list[str]]:
    """(the entries within the limits of a listing, warnings about the others)."""
    paths, warnings = stacks.readable([entry.path for entry in entries])
    within = set(paths)
    return tuple(entry for entry in entries if entry.path in within), warnings


def _parents(path: str) -> Iterator[str]:
    """The folders that contain this path, the nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _texts(name: str, entries: Sequence[Entry], wanted: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """(the manifests' texts, warnings about files that are too large or no text)."""
    by_path = {entry.path: entry for entry in entries}
    texts, warnings, total = {}, [], 0
    for path in wanted:
        too_large = by_path[path].size > MAX_BYTES
        if too_large and path.rpartition("/")[2] in (*stacks.LOCKS, "package-lock.json"):
            continue  # it is only compared with its manifest
        if too_large:
            warnings.append(f"{path} is larger than {MAX_BYTES // 1000:,} kB and was not read.")
            continue
        data = source_reader().blob(name, by_path[path].blob)
        total += len(data)
        if total > MAX_TOTAL:
            warnings.append(
                f"The manifests are larger than {MAX_TOTAL // 10**6} MB together. {path} and later ones were not read."
            )
            break
        text = _text(data)
        if text is None:
            warnings.append(f"{path} is not UTF-8 text and was not read.")
        else:
            texts[path] = text
    return texts, warnings


def _text(data: bytes) -> str | None:
    """The content of a text file; None for anything else. No text contains NUL, and no database stores it."""
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None
