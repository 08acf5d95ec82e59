"""Languages that are recognised by their files only: how such a language reads a folder."""

from collections.abc import Callable
from dataclasses import dataclass

import patterns
from stacks import pinning, processes
from stacks.components import Command, Component, Evidence, Grounds
from stacks.family import Family
from stacks.folder import Folder

_NOTHING = patterns.compile(patterns.NOTHING)
Start = Callable[[Folder], Command]


def _no_start(folder: Folder) -> Command:
    return ()


@dataclass(frozen=True)
class Language:
    """`programs` is a pattern of the programs that its Procfiles start; `tools` are its names at version managers."""

    name: str
    title: str
    markers: tuple[str, ...]
    endings: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    programs: patterns.Pattern = _NOTHING
    tools: tuple[str, ...] = ()
    start: Start = _no_start
    frameworks: tuple[tuple[str, str], ...] = ()
    """(name, a text in the manifest that shows its use)."""
    images: patterns.Pattern | None = None
    anywhere: bool = False
    """Any of its sources identifies it, at any depth."""
    with_makefile: bool = False
    """Its sources identify it if they are beside a Makefile."""
    auxiliary: bool = False
    """Its marker can be in a folder of another language, for an auxiliary task."""
    scripts: bool = False

    @property
    def family(self) -> Family:
        return Family(
            name=self.name,
            read=self.read,
            markers=self.markers,
            manifests=(*self.markers, *pinning.MANIFESTS),
            entries=self.entries,
            endings=self.endings,
            images=self.images,
            scripts=self.scripts,
        )

    def read(self, folder: Folder, name: str) -> Component | None:
        marker, source = self._marker(folder), self._source(folder)
        if not marker and not source:
            return None
        pinned = pinning.pinned(folder, *self.tools)
        declared = processes.declared_start(folder, self.programs)
        start = declared[0] if declared else self.start(folder)
        message = f"identifies this as {self.title}" if marker else f"is {self.title}"
        evidence = [Evidence(folder.path(marker or source), None, message)]
        evidence += [pinned[1]] if pinned else []
        evidence += [declared[1]] if declared else []
        return Component(
            name=name,
            root=folder.root,
            family=self.name,
            language=self.title,
            version=pinned[0] if pinned else "",
            framework=next((framework for framework, sign in self.frameworks if sign in folder.text(marker)), ""),
            start=start,
            evidence=tuple(evidence),
            confidence="certain" if declared else "likely" if marker and start else "guess",
            grounds=Grounds.PROCESS if declared else self._grounds(folder, marker),
        )

    def _marker(self, folder: Folder) -> str:
        for pattern in self.markers:
            if pattern.startswith("*"):
                files = folder.top_files_ending(pattern[1:])
            else:
                files = [pattern] if pattern in folder.files else []
            if files:
                return files[0]
        return ""

    def _source(self, folder: Folder) -> str:
        source = folder.has(*self.entries)
        if not source and self.anywhere:
            source = min((file for file in folder.files if file.endswith(self.endings)), default="")
        if not source and self.with_makefile and "Makefile" in folder.files:
            source = next(iter(folder.top_files_ending(*self.endings)), "")
        return source

    def _grounds(self, folder: Folder, marker: str) -> Grounds:
        if not marker:
            return Grounds.SOURCES
        return Grounds.COMPANION if self.auxiliary and not folder.contains(*self.endings) else Grounds.MANIFEST
