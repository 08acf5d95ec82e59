"""Everything that one pull request brings, and the words that go with it."""

import re
from collections.abc import Sequence

from onboarding.generate.catalog import catalog_file
from onboarding.generate.choices import Choices, Delivery, Pipeline
from onboarding.generate.dockerfile import container_files
from onboarding.generate.fiaas import fiaas_file
from onboarding.generate.files import File, Placement
from onboarding.generate.manifests import manifest_files
from onboarding.generate.travis import travis
from onboarding.generate.workflow import workflow
from onboarding.stacks import Component, Evidence

USUAL = Choices()


def files(components: Sequence[Component], placement: Placement, choices: Choices = USUAL) -> tuple[File, ...]:
    """All files of the proposal, by path."""
    travelled = choices.pipeline == Pipeline.TRAVIS
    made = [travis(components, placement) if travelled else workflow(components, placement)]
    made += [catalog_file(components, placement)] if choices.catalog else []
    for one in components:
        made += container_files(one)
        made += [fiaas_file(one, placement)] if choices.delivery == Delivery.FIAAS else manifest_files(one, placement)
    return tuple(sorted(made, key=lambda one: one.path))


def pull_request(
    components: Sequence[Component], proposed: Sequence[File], placement: Placement, changed: Sequence[File] = ()
) -> tuple[str, str]:
    """(title, body) of the pull request: what and why, what happens after the merge, how to take it back. `changed` are
    files of ours that it brings up to date."""
    names = ", ".join(one.name for one in components)
    parts = [
        f"This gives **{names}** a pipeline that tests, builds and deploys every commit.",
        *(["### What it brings\n" + _paths(proposed)] if proposed else []),
        *(
            ["### What it brings up to date\nNobody changed these since Onramp wrote them:\n" + _paths(changed)]
            if changed
            else []
        ),
        "### What happens after the merge\n" + _afterwards(components, placement),
        *_needed(components),
        "### What is not touched\n" + ("Everything else." if changed else "No existing file is changed."),
        "### To take it back\n"
        "Revert this pull request, and take the application out in Onramp, which removes what runs. "
        "To decline it, close it: nothing else is waiting for it.",
    ]
    title = f"Bring the pipeline of {names} up to date" if changed else f"Add a pipeline and deployment for {names}"
    return title, "\n\n".join(parts)


def _paths(files: Sequence[File]) -> str:
    return "\n".join(f"- `{one.path}`: {one.why}" for one in files)


def _afterwards(components: Sequence[Component], placement: Placement) -> str:
    places = "\n".join(f"- {one.name}: {placement.address_of(one.name)}" for one in components)
    return (
        f"The pipeline tests and builds `{placement.default_branch}`, pushes the image to `{placement.registry_host}` "
        f"and applies the manifests under `deploy/` to the namespace `{placement.namespace}` of team {placement.team}. "
        "It signs in with the run's own OIDC token: there is no stored secret. Afterwards every commit goes the same "
        f"way, with or without Onramp.\n\n{places}"
    )


def _needed(components: Sequence[Component]) -> list[str]:
    """Variables without a default: the first deployment fails where they are missing."""
    lines = [
        f"- {one.name}: `{setting.name}`{_place(setting.evidence)}"
        for one in components
        for setting in one.settings
        if setting.default is None
    ]
    title = "### What it needs\nThe code reads these from its environment and has no default for them:"
    return [f"{title}\n" + "\n".join(lines)] if lines else []


def _place(evidence: Evidence) -> str:
    """The file, where its name is an ordinary one: a strange one could mention people or draw pictures here."""
    plain = re.fullmatch(r"[\w./+-]+", evidence.path)
    return f" (`{evidence.path}`, line {evidence.line})" if plain else ""
