"""One folder of a repository that can contain a component: its manifests, and the workspace that it is a member of."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from stacks import parsing
from stacks.folder_files import FolderFiles


@dataclass
class Folder(FolderFiles):
    """The files of the folder, the data in its manifests, and its workspaces."""

    workspaces: "Mapping[str, Folder]" = field(default_factory=dict)
    """Family → the folder above that has a workspace of this family with this folder as a member."""
    workspace: "Folder | None" = None
    """The workspace of the family that reads this folder at the moment."""

    _tables: dict[tuple[str, Callable[[str], Any]], dict[str, Any]] = field(default_factory=dict, repr=False)
    _documents: dict[str, Element] = field(default_factory=dict, repr=False)

    @property
    def inside(self) -> str:
        """The path within its workspace; empty if it is not a member of one."""
        above = self.workspace
        return self.root[len(above.root) + 1 if above.root else 0 :] if above is not None else ""

    @property
    def with_workspace(self) -> "tuple[Folder, ...]":
        """This folder, then that of its workspace if it is a member of one."""
        return (self,) if self.workspace is None else (self, self.workspace)

    def warn_no_tests(self) -> None:
        self.warn(
            f"No tests were found in {self.title}, so its pipeline only builds. Add tests to have every commit tested."
        )

    def json(self, name: str) -> dict[str, Any]:
        """The object in the file; empty, with a warning, if there is none."""
        return self._parsed(name, json.loads)

    def jsonc(self, name: str) -> dict[str, Any]:
        """JSON with comments and trailing commas.

        https://code.visualstudio.com/docs/languages/json#_json-with-comments
        """
        return self._parsed(name, parsing.jsonc)

    def toml(self, name: str) -> dict[str, Any]:
        return self._parsed(name, parsing.toml)

    def yaml(self, name: str) -> dict[str, Any]:
        return self._parsed(name, parsing.yaml)

    def xml(self, name: str) -> Element:
        """The document without namespaces; an empty element, with a warning, if it is not XML."""
        if name not in self._documents:
            self._documents[name] = self._document(name)
        return self._documents[name]

    def _document(self, name: str) -> Element:
        text = self.text(name)
        try:
            return parsing.xml(text) if text else Element("none")
        except (ValueError, RecursionError) as error:
            self.warn(f"{self.path(name)} cannot be read: {str(error)[:120]}.")
            return Element("none")

    def _parsed(self, name: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        """Parses each file once, however many modules look into it."""
        if (name, parse) not in self._tables:
            self._tables[name, parse] = self._parse(name, parse)
        return self._tables[name, parse]

    def _parse(self, name: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        text = self.text(name)
        if not text:
            return {}
        try:
            data = parse(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            self.warn(f"{self.path(name)} cannot be read: {str(error)[:120]}.")
            return {}
        if data is None:
            return {}
        if not isinstance(data, dict):
            self.warn(f"{self.path(name)} does not have the structure that a file of this name must have.")
            return {}
        return data
