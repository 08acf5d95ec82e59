"""Editions of the generated files, so that repositories with older files can be found and offered an update.

An edition belongs to one part of the template: to the language whose module declares it, or to the shared part that
every repository gets. A new language, or a change to one language, therefore leaves the repositories of all others up
to date.
"""

from collections.abc import Iterable, Mapping

from generate.toolchains import TOOLCHAINS

SHARED = "shared"
"""The part that every repository gets: pipeline, manifests, catalog entry, and what all Dockerfiles have in common."""

EDITIONS: dict[str, str] = {
    "2026-11-27": (
        "Base images by digest, values of variables from a Secret, an entry for the software catalog, "
        "an autoscaler instead of a fixed number of pods."
    ),
    "2026-11-30": "Clearer comments and step names; what the files do has not changed.",
}
"""Editions of the shared part → what each brings, in a sentence for the teams that are offered it. Those of a language
are in its own module. A name is a date, with a letter for the second edition of a day; a later edition has a greater
name."""


def editions_of(families: Iterable[str]) -> dict[str, str]:
    """Part → its newest edition, for a repository in these languages. Stored with a plan and passed to `since` later.

    A language without a toolchain is included: once it gets one, its editions are new to the repository.
    """
    parts = [SHARED, *sorted({family for family in families if family})]
    return {part: max(_editions(part), default="") for part in parts}


def since(editions: Mapping[str, str]) -> list[str]:
    """What later editions bring to a repository whose files were written with these, the newest first. Without any
    editions everything in the shared part counts as later."""
    newer = {
        (edition, message)
        for part, written in {SHARED: "", **editions}.items()
        for edition, message in _editions(part).items()
        if edition > written
    }
    return [message for _, message in sorted(newer, reverse=True)]


def _editions(part: str) -> Mapping[str, str]:
    if part == SHARED:
        return EDITIONS
    toolchain = TOOLCHAINS.get(part)
    return toolchain.EDITIONS if toolchain else {}
