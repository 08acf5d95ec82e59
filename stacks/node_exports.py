"""Frameworks for servers that are configured to write a site's files instead."""

from collections.abc import Mapping
from typing import Any

import patterns
from stacks.folder import Folder

NEXT_CONFIGURATION = ("next.config.js", "next.config.mjs", "next.config.ts")
_EXPORT = patterns.compile(r"\boutput\s*:\s*[\"']export[\"']")
_WITHOUT_SSR = patterns.compile(r"\bssr\s*:\s*false")


def exports(folder: Folder) -> bool:
    """Whether Next.js writes files instead of serving. https://nextjs.org/docs/app/guides/static-exports"""
    texts = (folder.text(file) for file in NEXT_CONFIGURATION)
    return any(_EXPORT.search(text) for text in texts)


def has_ssr_disabled(folder: Folder) -> bool:
    """Whether React Router writes files instead of serving. https://reactrouter.com/how-to/spa"""
    return _WITHOUT_SSR.search(folder.text("react-router.config.ts")) is not None


def exported(folder: Folder, depends: Mapping[str, Any]) -> tuple[str, str] | None:
    """(framework, output) of a framework for servers that is configured to leave files."""
    if "next" in depends and exports(folder):
        return "Next.js", "out"
    if "@sveltejs/kit" in depends and "@sveltejs/adapter-static" in depends:
        return "SvelteKit", "build"
    if "@react-router/dev" in depends and has_ssr_disabled(folder):
        return "React Router", "build/client"
    return None
