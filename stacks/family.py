"""What the rest of `stacks` needs to know about one language. Each language's module declares it as `FAMILY`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from patterns import Pattern
from stacks.components import Component
from stacks.folder import Folder
from stacks.lock_files import LockFile


def _no_members(folder: Folder) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Family:
    """One language, or one kind of project. A file pattern is a name, or `*.x` for every file with that ending."""

    name: str
    read: Callable[[Folder, str], Component | None]
    """(folder, component name) → the component, or None if the folder is of another language.

    Never raises because of file contents.
    """
    markers: tuple[str, ...] = ()
    """File patterns, one of which must match in a component's folder."""
    manifests: tuple[str, ...] = ()
    """File patterns in that folder; `read` needs the text of these files."""
    entries: tuple[str, ...] = ()
    """Names of sources that usually start a service, the likeliest first.

    At the root of a repository without any marker they are enough to recognise the language.
    """
    endings: tuple[str, ...] = ()
    """Endings of sources."""
    lock_files: Mapping[str, LockFile] = field(default_factory=dict)
    """Lock files that are compared with their manifest."""
    images: Pattern | None = None
    """A pattern of container images that bring the tools of this language."""
    members: Callable[[Folder], Iterable[str]] = _no_members
    """The members that a folder's manifest declares for its workspace: paths and globs relative to the folder."""
    releases_workspace: bool = False
    """A workspace is released as one program; its members are not deployed separately."""
    scripts: bool = False
    """Its sources are often scripts beside an application in another language."""
