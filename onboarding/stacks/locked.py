"""Whether a lock file still holds what its manifest asks for: an install that is frozen refuses another day's."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from onboarding.stacks.folder import Folder

_NODE = r"@?[\w.~-]+(?:/[\w.~-]+)?"
_TOML = r'^name = "([^"]+)"'


@dataclass(frozen=True)
class Lock:
    """How a lock file names the packages that it holds, what refuses one that lacks some, and what brings it up to date."""

    named: str
    refused_by: str
    mended_by: str


LOCKS = {
    "pnpm-lock.yaml": Lock(rf"^[ \t]+'?/?({_NODE})(?:@|/\d|'?:)", "pnpm install --frozen-lockfile", "pnpm install"),
    "yarn.lock": Lock(rf"(?:^|[\s\"])({_NODE})@", "yarn install", "yarn install"),
    "bun.lock": Lock(rf"\"({_NODE})\":", "bun install --frozen-lockfile", "bun install"),
    "uv.lock": Lock(_TOML, "uv sync --locked", "uv lock"),
    "poetry.lock": Lock(_TOML, "poetry install", "poetry lock"),
    "pdm.lock": Lock(_TOML, "pdm sync", "pdm lock"),
    "Pipfile.lock": Lock(r'^[ \t]+"([\w.-]+)": \{', "pipenv sync", "pipenv lock"),
    "Gemfile.lock": Lock(r"^[ \t]+([\w.-]+)(?: \(|!|$)", "bundle install", "bundle lock"),
    "composer.lock": Lock(r'"name": "([^"]+)"', "composer install", "composer update --lock"),
    "Cargo.lock": Lock(_TOML, "cargo build --locked", "cargo update --workspace"),
    "go.sum": Lock(r"^(\S+) v", "go build", "go mod tidy"),
}
"""The npm lock file repeats its manifest, and is compared with it whole: see `node_packages`."""


def warn(folder: Folder, place: Folder, lock: str, asked: Iterable[str], manifest: str) -> None:
    """Say what the manifest of `folder` asks for and the lock file of `place` lacks. Silent where its text was not read, or
    nothing in it is understood."""
    form = LOCKS.get(lock)
    text = place.texts.get(place.path(lock), "")
    held = {_normal(one) for one in re.findall(form.named, text, re.MULTILINE)} if form and text else set()
    missing = sorted({one for one in asked if _normal(one) not in held}) if held else []
    if form and missing:
        shown = ", ".join(one[:80] for one in missing[:4]) + (
            f" and {len(missing) - 4} more" if len(missing) > 4 else ""
        )
        place.warn(
            f"{place.path(lock)} does not hold {shown}, which {folder.path(manifest)} asks for: {form.refused_by} will refuse it. "
            f"Run {form.mended_by} and commit what it changes."
        )


def _normal(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/; other languages do not tell names apart by that."""
    return re.sub(r"[-_.]+", "-", name).lower()
