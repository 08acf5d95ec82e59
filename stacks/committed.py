"""Files that should not be committed: installed packages, and files that usually contain secrets."""

from collections.abc import Sequence

import patterns

_MAX_SHOWN = 3
_INSTALLED = patterns.compile(
    r"(?:^|/)(node_modules|bower_components|site-packages)/|(?:^|/)(\.?venv|env)/(?:bin/activate|pyvenv\.cfg)$"
)
_INSTALLED_HINTS = ("node_modules/", "bower_components/", "site-packages/", "venv/", "env/bin/", "env/pyvenv.cfg")
"""A cheap test before the pattern: repositories can have 100,000 paths."""

_SECRETS = patterns.compile(r"(?:^|/)\.env(?:\.(?:local|production|prod))?$")


def warnings(paths: Sequence[str]) -> list[str]:
    installed = [
        f"{folder} is committed. Installed packages fit only one machine and slow every build down. "
        "Remove the folder (git rm -r --cached) and add it to .gitignore."
        for folder in sorted(_installed(paths))[:_MAX_SHOWN]
    ]
    secrets = sorted(path for path in paths if ".env" in path and _SECRETS.search(path))
    return installed + [
        f"{path} is committed. Everyone with read access to the repository can see its content. Rotate the secrets "
        "in it, remove the file, and enter the values on the page of the run."
        for path in secrets[:_MAX_SHOWN]
    ]


def _installed(paths: Sequence[str]) -> set[str]:
    folders = set()
    for path in paths:
        match = _INSTALLED.search(path) if any(hint in path for hint in _INSTALLED_HINTS) else None
        if match:
            folders.add(path[: match.end(1) if match[1] else match.end(2)])
    return folders
