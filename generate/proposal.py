"""All files of a pull request, and its title and body."""

from collections.abc import Sequence

import patterns
from generate.backstage import catalog_file
from generate.choices import Choices, DeliveryTool, Pipeline
from generate.dockerfile import container_files
from generate.fiaas import fiaas_file
from generate.files import File, Placement
from generate.inputs import verify
from generate.manifests import manifest_files
from generate.travis import travis
from generate.workflow import workflow
from stacks import Component, Evidence

DEFAULTS = Choices()
_ORDINARY = patterns.compile(rf"[{patterns.WORD}./+-]+")
_WHY_UPDATED = (
    "These get Onramp's current version, because nobody has changed them since Onramp wrote them or because somebody "
    "chose that version in the plan:\n"
)


def files(components: Sequence[Component], placement: Placement, choices: Choices = DEFAULTS) -> tuple[File, ...]:
    """All files of the proposal, sorted by path. Raises Unsafe."""
    verify(components, placement)
    pipeline = travis if choices.pipeline == Pipeline.TRAVIS else workflow
    proposed = [pipeline(components, placement)]
    if choices.catalog:
        proposed.append(catalog_file(components, placement))
    for component in components:
        proposed += container_files(component)
        proposed += _delivery_files(component, placement, choices)
    return tuple(sorted(proposed, key=lambda file: file.path))


def _delivery_files(component: Component, placement: Placement, choices: Choices) -> list[File]:
    if choices.delivery == DeliveryTool.FIAAS:
        return [fiaas_file(component, placement)]
    return manifest_files(component, placement)


def pull_request(
    components: Sequence[Component], proposed: Sequence[File], placement: Placement, changed: Sequence[File] = ()
) -> tuple[str, str]:
    """(title, body) of the pull request: what it adds and why, what happens after the merge, how to undo it. `changed`
    are existing files that it updates."""
    names = ", ".join(component.name for component in components)
    parts = [
        f"This pull request gives **{names}** a pipeline that tests, builds and deploys every commit.",
        *_section("New files", "", proposed),
        *_section("Updated files", _WHY_UPDATED, changed),
        "### After the merge\n" + _after_merge(components, placement),
        *_required(components),
        "### What stays the same\n" + ("All other files." if changed else "No existing file is changed."),
        "### How to undo it\n"
        "Revert this pull request and remove the application in Onramp, which deletes everything that runs. "
        "To decline, close the pull request; nothing else depends on it.",
    ]
    title = f"Bring the pipeline of {names} up to date" if changed else f"Add a pipeline and deployment for {names}"
    return title, "\n\n".join(parts)


def _section(title: str, introduction: str, files: Sequence[File]) -> list[str]:
    lines = "\n".join(f"- `{file.path}`: {file.why}" for file in files)
    return [f"### {title}\n{introduction}{lines}"] if files else []


def _after_merge(components: Sequence[Component], placement: Placement) -> str:
    addresses = "\n".join(f"- {each.name}: {placement.address_of(each.name)}" for each in components)
    return (
        f"The pipeline tests and builds `{placement.default_branch}`, pushes the image to `{placement.registry_host}` "
        f"and applies the manifests in `deploy/` to the namespace `{placement.namespace}` of team {placement.team}. "
        "It signs in with the run's own OIDC token, so there is no stored secret. Every later commit takes the same "
        f"path, with or without Onramp.\n\n{addresses}"
    )


def _required(components: Sequence[Component]) -> list[str]:
    """Variables without a default: the first deployment fails if one is missing."""
    lines = [
        f"- {component.name}: `{setting.name}`{_location(setting.evidence)}"
        for component in components
        for setting in component.settings
        if setting.default is None
    ]
    introduction = "The code reads these from its environment and has no default for them:"
    return [f"### Required variables\n{introduction}\n" + "\n".join(lines)] if lines else []


def _location(evidence: Evidence) -> str:
    """The file and line. Only for an ordinary file name: an unusual one could mention people or embed images here."""
    plain = _ORDINARY.fullmatch(evidence.path)
    return f" (`{evidence.path}`, line {evidence.line})" if plain else ""
