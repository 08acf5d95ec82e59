"""Gradle's settings: the projects of a build. https://docs.gradle.org/current/userguide/multi_project_builds.html"""

import patterns
from stacks.folder import Folder

FILES = ("settings.gradle", "settings.gradle.kts")
_ROOT_NAME = patterns.compile(r"rootProject\.name\s*=\s*[\"']([\w.-]+)[\"']")
_INCLUDE = patterns.repeated(r"\binclude\b\s{0,9}\(?")
_PROJECT = patterns.compile(r"\s{0,9}[\"']([\w:./-]{1,200})[\"'],?")
_LONGEST = 220
"""Characters of one quoted name with what surrounds it."""


def _text(folder: Folder) -> str:
    return folder.text("settings.gradle") or folder.text("settings.gradle.kts")


def project_name(folder: Folder) -> str:
    """The project's name: that of the folder for a module, or else the one in the settings."""
    if folder.workspace is not None:
        return folder.root.rpartition("/")[2]
    name = _ROOT_NAME.search(_text(folder))
    return name[1] if name else folder.root.rpartition("/")[2] or "app"


def _names(text: str, start: int) -> list[str]:
    """The quoted names from this position on, separated by commas and spaces."""
    names = []
    while (name := _PROJECT.match(text[start : start + _LONGEST])) is not None:
        names.append(name[1])
        start += name.end()
    return names


def modules(folder: Folder) -> tuple[str, ...]:
    """The folders of the projects that the settings include."""
    text, names = _text(folder), list[str]()
    for start in _INCLUDE.finditer(text):
        names += _names(text, start.end())
    return tuple(name.strip(":").replace(":", "/") for name in names)
