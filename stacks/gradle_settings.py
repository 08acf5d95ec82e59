"""Gradle's settings: the projects of a build. https://docs.gradle.org/current/userguide/multi_project_builds.html"""

import re

from stacks.folder import Folder

FILES = ("settings.gradle", "settings.gradle.kts")


def _text(folder: Folder) -> str:
    return folder.text("settings.gradle") or folder.text("settings.gradle.kts")


def project_name(folder: Folder) -> str:
    """The project's name: that of the folder for a module, or else the one in the settings."""
    if folder.workspace is not None:
        return folder.root.rpartition("/")[2]
    name = re.search(r"rootProject\.name\s*=\s*[\"']([\w.-]+)[\"']", _text(folder))
    return name[1] if name else folder.root.rpartition("/")[2] or "app"


def modules(folder: Folder) -> tuple[str, ...]:
    """The folders of the projects that the settings include."""
    included = re.findall(r"\binclude\b\s{0,9}\(?((?:\s{0,9}[\"'][\w:./-]{1,200}[\"'],?)+)", _text(folder))
    names = [name for group in included for name in re.findall(r"[\"']([\w:./-]+)[\"']", group)]
    return tuple(name.strip(":").replace(":", "/") for name in names)
