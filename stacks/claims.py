"""Decides between the languages that claim one folder."""

from collections.abc import Sequence
from dataclasses import replace

from stacks import container, platform_files
from stacks.components import Component, Grounds, Role
from stacks.families import FAMILIES, by_image
from stacks.folder import Folder
from stacks.naming import label
from stacks.recognised import RECOGNISED

_RECOGNISED = {family.name for family in RECOGNISED}
_SCRIPTS = {family.name for family in FAMILIES if family.scripts}
_ENDINGS = {family.name: family.endings for family in FAMILIES}
_CONFIDENCE = ("certain", "likely", "guess")


def component_of(folder: Folder, default_name: str) -> Component | None:
    """The best claim of all families on the folder; the others become its alternatives."""
    name = label(folder.root.rpartition("/")[2] or default_name)
    claims = []
    for family in FAMILIES:
        folder.workspace = folder.workspaces.get(family.name)
        component = family.read(folder, name)
        claims += [component] if component is not None else []
    if not claims:
        return container.read(folder, name)
    best = _best(claims, folder)
    if best.grounds == Grounds.SOURCES and best.family in _SCRIPTS and folder.has(*container.NAMES):
        return container.read(folder, name)  # scripts beside a container file are copied into its image
    if best.grounds == Grounds.SOURCES and best.confidence == "guess" and _recognised_sources(claims) > 1:
        return container.read(folder, name)  # unrelated sources of several languages: unknown is better than a guess
    others = tuple(
        f"{claim.family}: {' '.join(claim.start)}"
        for claim in claims
        if claim is not best and claim.start and claim.grounds > Grounds.COMPANION
    )
    best = platform_files.complete(replace(best, alternatives=(*best.alternatives, *others)), folder)
    return container.complete(best, folder)


def _best(claims: Sequence[Component], folder: Folder) -> Component:
    """The language of the container file's base image, if one claims the folder; or else the best rank.

    A script that starts an application does not decide its language.
    """
    families = [family for image in container.images(folder) for family in by_image(image)]
    built = next((claim for family in families for claim in claims if claim.family == family), None)
    if built is not None:
        return built
    best = min(claims, key=_rank)
    with_sources = [
        claim for claim in claims if claim.family not in _SCRIPTS and folder.contains(*_ENDINGS[claim.family])
    ]
    return min(with_sources, key=_rank) if best.family in _SCRIPTS and with_sources else best


def _recognised_sources(claims: Sequence[Component]) -> int:
    return sum(claim.grounds == Grounds.SOURCES and claim.family in _RECOGNISED for claim in claims)


def _rank(component: Component) -> tuple[int, bool, bool, int]:
    """The lowest rank wins: the best grounds, then deployable, then no mere start page, then the surest.

    Many programs have a start page beside them. Of equals the first in `FAMILIES` wins.
    """
    page = component.role == Role.SITE and component.grounds <= Grounds.SOURCES
    return -component.grounds, not component.deployable, page, _CONFIDENCE.index(component.confidence)
